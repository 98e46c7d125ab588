"""What the services and the edges need of one another, as protocols: the store, the engine and the vault fill them in."""
