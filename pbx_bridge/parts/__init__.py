"""How real parts start: Asterisk, PostgreSQL, a browser, SIPp. Standard library only; nothing here knows the bridge."""
