"""What `pbx-bridge check` looks at: one file a place, each a function from settings to findings."""
