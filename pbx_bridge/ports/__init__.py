"""What the services and the edges need of one another, as protocols; store, engine and vault fill them in."""
