"""extensions.conf's syntax: a context and its priorities."""

from collections.abc import Iterable

Step = str
"""An application with its arguments, optionally `(label)` before it: `(wait)Wait(1)`."""


def extension(pattern: str, steps: Iterable[Step]) -> str:
    """`exten => pattern,1,…` and its `same => n` lines."""
    lines: list[str] = []
    for number, step in enumerate(steps):
        label, application = _parts(step)
        head = f"exten => {pattern},1" if number == 0 else " same => n"
        lines.append(f"{head}{label},{application}\n")
    return "".join(lines)


def context(name: str, *parts: str, include: Iterable[str] = ()) -> str:
    """`[name]` with its includes and extensions."""
    return f"\n[{name}]\n" + "".join(f"include => {other}\n" for other in include) + "".join(parts)


def tell(event: str, **fields: str) -> list[Step]:
    """A UserEvent for the bridge, and the same in Asterisk's own book of channel events, which is read when the bridge
    was away: only what is said there too is never lost."""
    headers = "".join(f",{name}: {value}" for name, value in fields.items())
    return [f"UserEvent({event}{headers})", f"CELGenUserEvent({event},{' '.join(fields.values())})"]


def hint(extension: str, devices: str) -> str:
    """The device states behind a BLF key."""
    return f"exten => {extension},hint,{devices}\n"


def _parts(step: Step) -> tuple[str, str]:
    if step.startswith("("):
        label, _, application = step.partition(")")
        return f"{label})", application
    return "", step
