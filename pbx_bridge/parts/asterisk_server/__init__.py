"""How an Asterisk is found, fetched, laid out and run; `pbx_bridge.parts.asterisk` is the door."""
