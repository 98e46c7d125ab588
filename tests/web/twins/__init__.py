"""In-memory twins of the ports, for rules that are the web's alone (who may see what, what a header says).

They know nothing of SQL or Asterisk; the same walks run against PostgreSQL where the store stands.
"""
