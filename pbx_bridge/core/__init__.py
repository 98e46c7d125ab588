"""The pure heart: what Asterisk said becomes what it means. No clock, no socket, no database, no asyncio."""
