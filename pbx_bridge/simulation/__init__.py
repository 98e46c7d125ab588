"""A call center that exists only in numbers, driven by the pacer that production drives (docs/pacing.md)."""
