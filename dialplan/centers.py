"""A call's way through a center: hours, cap, greeting, queue, and the ways out for those it does not take.

All of it is Asterisk's own, so that callers are treated the same while the bridge is away; the bridge is told by
UserEvent what became of them. Whatever can be refused is refused before the call is answered and costs anything.
https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/Queue/
"""

from collections.abc import Iterable

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.core.treatment import WHYS, Way, Why, sentence, ways

from . import contexts, hours
from .inbound import RECORDING_FILE, START_RECORDING
from .provision import CenterPlan, Provision
from .script import Step, context, extension, tell

MESSAGE_SECONDS = 180
"""The longest message a caller can leave."""
_KEY_SECONDS = 5
_WAY_STEPS = 6
_GROUP = "center"
"""GROUP() category: whoever is counted as a call of a center."""
_NOBODY = ("JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL", "LEAVEUNAVAIL")
_CALLBACK = "pbx-callback"
_MESSAGE = "pbx-message"
# The queue itself starts the recorder (queues.conf, monitor-format), as START_RECORDING does, when it joins the
# two. One that was there before holds up to 60 ms of the caller's side by then, and its lanes stay so far apart.
_NOT_ON = "StopMixMonitor()"
"""The recorder of whoever was handed on to this center: it may record nobody, or by one of its own."""
_RECORDED_BY_THE_QUEUE = (
    _NOT_ON,
    f"Set(MONITOR_FILENAME={RECORDING_FILE.removesuffix('.raw')})",
    "Set(MONITOR_OPTIONS=aD)",
)


def render(provision: Provision) -> str:
    """Each center's way of a call, and the extensions terminals dial for it. Raises `Misconfigured`."""
    treated = context(contexts.CENTER, *(_center(plan, provision) for plan in provision.centers))
    dial = [extension(plan.center.extension, [f"Goto({contexts.CENTER},${{EXTEN}},1)"]) for plan in provision.centers]
    return treated + context("pbx-dial-centers", *dial) + _callback() + _message()


def _center(plan: CenterPlan, provision: Provision) -> str:
    """Every step has its own place, there or not: a caller who is in one while the dialplan is reloaded goes on with
    the next, and Asterisk remembers a number, not a label."""
    hour = [hours.enter(plan)] if plan.calendar is not None else []
    begin = [f"Set(CHANNEL(language)={plan.language})", *_places(hour, 1)]
    first, *rest = [*_admit(plan), *_inside(plan)]
    return extension(plan.center.extension, [*begin, f"(open){first}", *rest, *_out(plan, provision)])


def _places(steps: Iterable[Step], count: int, empty: Step = "NoOp()") -> list[Step]:
    found = list(steps)
    return found + [empty] * (count - len(found))


def _admit(plan: CenterPlan) -> list[Step]:
    """Unanswered as yet."""
    own = plan.center.extension
    cap = [f"GotoIf($[${{GROUP_COUNT({own}@{_GROUP})}} > {plan.max_calls}]?full)"] if plan.max_calls else []
    nobody = [f"GotoIf($[${{QUEUE_MEMBER({plan.center.queue},logged)}} = 0]?nobody)"] if plan.nobody is not None else []
    # Counted with itself, so two at once are never one too many; without a cap too, as there may be one tomorrow.
    return [f"Set(GROUP({_GROUP})={own})", *_places(cap, 1), *_places(nobody, 1)]


def _inside(plan: CenterPlan) -> list[Step]:
    wait = str(plan.overflow_seconds) if plan.overflow_seconds else ""
    full = ['GotoIf($["${QUEUESTATUS}" = "FULL"]?full)'] if plan.max_waiting else []
    empty = " | ".join(f'"${{QUEUESTATUS}}" = "{status}"' for status in _NOBODY)
    return [
        "Answer()",
        *_places(_RECORDED_BY_THE_QUEUE if plan.center.recording else (_NOT_ON,), len(_RECORDED_BY_THE_QUEUE)),
        *_places(["Playback(pbx/center-greeting)"] if plan.greeting else [], 1),
        # i: a phone's own forwarding would take the caller out of the center; t: the agent may transfer by key.
        f"Queue({plan.center.queue},it,,,{wait})",
        *_places(full, 1),
        *_places([f"GotoIf($[{empty}]?nobody)"] if plan.nobody is not None else [], 1),
    ]


def _out(plan: CenterPlan, provision: Provision) -> list[Step]:
    """Labelled by why; `late` follows the queue directly."""
    asked, steps = dict(ways(plan)), list[Step]()
    for why in sorted(WHYS, key=lambda one: one != "late"):
        way = asked.get(why)
        if way is None:
            steps += _places([], _WAY_STEPS, "Hangup()")
            continue
        leave = [*tell(contexts.TURNED_AWAY, Why=why, Then=way.then), f"Set(GROUP({_GROUP})=)"]
        first, *rest = _places([*leave, *_way(why, way, plan, provision)], _WAY_STEPS, "Hangup()")
        steps += [f"({why}){first}", *rest]
    while steps[-1] == steps[-2] == "Hangup()":
        steps.pop()
    return steps


def _way(why: Why, way: Way, plan: CenterPlan, provision: Provision) -> list[Step]:
    words = f"center-{plan.center.extension}-{why}" if way.say else sentence(why, way)
    match way.then:
        case "guidance":
            return ["Answer()", f"Playback(pbx/{words})", "Hangup()"]
        case "busy":
            return ["Busy(10)"]
        case "transfer":
            return _transfer(plan, way, provision)
        case "voicemail":
            return ["Answer()", f"Playback(pbx/{words})", f"Goto({_MESSAGE},s,1)"]
        case "callback":
            return ["Answer()", f"Set(PBX_OFFER=pbx/{words})", f"Goto({_CALLBACK},s,1)"]


def _transfer(plan: CenterPlan, way: Way, provision: Provision) -> list[Step]:
    if way.to in {phone.extension for phone in provision.phones}:
        return [*([START_RECORDING] if plan.center.recording else []), f"Goto(pbx-phones,{way.to},1)"]
    if way.to in {other.center.extension for other in provision.centers}:
        return [f"Goto({contexts.CENTER},{way.to},1)"]
    raise Misconfigured(f"center {plan.center.extension} transfers to {way.to!r}: name a terminal or a center")


def _callback() -> str:
    """The caller keys 1, also while the offer is spoken. Who shows no number cannot be called back: no offer."""
    number = "${FILTER(0-9,${CALLERID(num)})}"
    steps = [
        f'GotoIf($["{number}" = ""]?withheld)',
        f"Read(PBX_KEY,${{PBX_OFFER}},1,,1,{_KEY_SECONDS})",
        'GotoIf($["${PBX_KEY}" != "1"]?end)',
        *tell(contexts.CALLBACK_ASKED),
        "Playback(pbx/callback-noted)",
        "(end)Playback(pbx/thank-you)",
        "Hangup()",
        "(withheld)Playback(pbx/all-busy)",
        "Hangup()",
    ]
    return context(_CALLBACK, extension("s", steps))


def _message() -> str:
    """The caller alone is recorded, until any key or the hang-up; without `b` MixMonitor needs nobody to talk to."""
    steps = [
        "StopMixMonitor()",
        "Playback(beep)",
        f"MixMonitor({RECORDING_FILE},aD)",
        *tell(contexts.MESSAGE),
        f"Read(PBX_KEY,,1,,1,{MESSAGE_SECONDS})",
        "StopMixMonitor()",
        "Playback(pbx/message-kept)",
        "Hangup()",
    ]
    return context(_MESSAGE, extension("s", steps))
