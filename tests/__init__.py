"""Every test of the project. A package, so that a room of tests may have the name of the room it tests."""
