"""The one way a part says that it cannot be had."""


class PartUnavailable(Exception):
    """A part cannot be had or started on this machine; the message is one line: what is missing and how to get it."""
