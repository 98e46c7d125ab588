"""queues.conf: one queue a center, empty; the bridge adds, removes and pauses its members.

Options: configs/samples/queues.conf.sample of Asterisk 22.
"""

from .conf import digits, section, yes
from .provision import CenterPlan, Provision

_OFTEN = 15
"""Seconds between two announcements of a position, however it moves."""
_ABSENT = "unavailable,invalid,unknown"


def render(provision: Provision) -> str:
    """The file's text. Raises `Misconfigured`."""
    return _general() + "".join(_queue(plan) for plan in provision.centers)


def _general() -> str:
    return section(
        "general",
        [
            # The bridge owns who is signed in (reliability fact F11): what Asterisk remembered would be older.
            ("persistentmembers", "no"),
            ("autofill", "yes"),
            ("shared_lastcall", "yes"),
            ("log_unpause_on_reason_change", "yes"),
        ],
    )


def _queue(plan: CenterPlan) -> str:
    center = plan.center
    extension = digits(center.extension, "center's extension")
    settings: list[tuple[str, str | int]] = [
        ("strategy", center.strategy),
        ("weight", center.priority),
        ("musicclass", center.queue if plan.music else "default"),
        ("timeout", plan.ring_seconds),
        ("retry", 1),
        ("maxlen", plan.max_waiting),
        # The bridge pauses an agent for wrap-up when the call ends; this covers the milliseconds until it has.
        ("wrapuptime", 1 if center.wrap_up_seconds > 0 else 0),
        ("servicelevel", int(center.service_level_seconds)),
        ("ringinuse", "no"),
        ("autopause", "no"),
        # With everybody on a break callers wait; with nobody signed in too, unless the center has a way for that.
        ("joinempty", "yes"),
        ("leavewhenempty", "no" if plan.nobody is None else _ABSENT),
        ("reportholdtime", "no"),
        ("setinterfacevar", "yes"),
        ("announce-holdtime", "no"),
        ("announce-position", yes(plan.position_every > 0)),
        ("announce-frequency", plan.position_every),
        ("min-announce-frequency", min(_OFTEN, plan.position_every)),
        ("queue-youarenext", "pbx/queue-next"),
        ("queue-thereare", "pbx/queue-position-before"),
        ("queue-callswaiting", "pbx/queue-position-after"),
        ("queue-quantity1", ""),
        ("queue-quantity2", ""),
        ("queue-thankyou", ""),
    ]
    if center.recording:
        settings.append(("monitor-format", "raw"))
    if plan.agent_guidance:
        settings.append(("announce", f"pbx/center-{extension}"))
    return section(center.queue, settings)
