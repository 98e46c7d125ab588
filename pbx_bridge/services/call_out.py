"""Call a customer of a list for an agent: the agent's own terminal rings, then the customer is dialed."""

from pbx_bridge.core.calling_window import is_open
from pbx_bridge.core.commands import PlaceCall
from pbx_bridge.core.errors import Refused
from pbx_bridge.ports.accounts import Account, AuditTrail
from pbx_bridge.ports.callbacks import Callback, CallbackChange, Callbacks
from pbx_bridge.ports.engine import Engine
from pbx_bridge.ports.redials import Promised, Redial, Redials


async def dial_redial(
    engine: Engine, redials: Redials, audit: AuditTrail, who: Account, redial: Redial, now: float, origin: str
) -> None:
    """By every rule a machine's dial keeps, at `now` (epoch seconds); the conversation is an attempt of the campaign.

    Raises `Refused`: redial-changed (done already), unknown-job, do-not-call, outside-window, dialed-enough,
    being-dialed, and as `PlaceCall` does; `Unreachable`.
    """
    if redial.state == "done":
        raise Refused("redial-changed", "done already")
    promised = await redials.promised(redial.id, who.id)
    if promised is None:
        raise Refused("unknown-job", redial.campaign)
    _keep_rules(promised, now)
    number = promised.lead.number
    await engine.submit(PlaceCall(who.id, number, "redial", job=promised.job, lead=promised.lead))
    await audit.note(who.id, "redial.dial", f"redial:{redial.id}", {"number": number}, origin)


def _keep_rules(promised: Promised, now: float) -> None:
    if promised.forbidden:
        raise Refused("do-not-call")
    if not is_open(promised.window, promised.lead.zone, now):
        raise Refused("outside-window")
    if promised.resting or promised.lead.today >= promised.max_per_day:
        raise Refused("dialed-enough")
    if promised.dialing:
        raise Refused("being-dialed")


async def dial_callback(
    engine: Engine, callbacks: Callbacks, audit: AuditTrail, who: Account, seen: Callback, origin: str
) -> None:
    """In the center's name. An open one is taken in hand by that, and stays there though nobody is reached.

    Raises `Refused`: callback-taken (somebody else has it, or it is finished), and as `PlaceCall` does; `Unreachable`.
    """
    mine = seen.state == "in_progress" and seen.agent == who.id
    if not mine and seen.state != "open":
        raise Refused("callback-taken", seen.agent_name or "")
    if not mine and not await callbacks.change(seen, CallbackChange("in_progress", who.id)):
        raise Refused("callback-taken", "it changed meanwhile")
    await engine.submit(PlaceCall(who.id, seen.number, "callback", center=seen.center))
    detail = {"center": seen.center_name, "number": seen.number}
    await audit.note(who.id, "callback.dial", f"callback:{seen.id}", detail, origin)
