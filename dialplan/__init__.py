"""Asterisk's configuration as a pure function of what the administrator set up. Reads nothing, starts nothing."""
