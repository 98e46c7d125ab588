"""Recordings: from Asterisk's raw file to a waveform you can cut. Knows sound files, nothing of calls or the web."""


class Unreadable(ValueError):
    """This is not a sound file we can read. The message says in one line what is wrong with it."""
