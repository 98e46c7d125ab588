"""Take a callback in hand, finish it, give it up, or put it back."""

from pbx_bridge.core.errors import Refused
from pbx_bridge.ports.accounts import Account, AuditTrail
from pbx_bridge.ports.callbacks import Callback, CallbackChange, Callbacks, CallbackState

_ACTS: dict[CallbackState, str] = {
    "open": "callback.reopen",
    "in_progress": "callback.take",
    "done": "callback.done",
    "given_up": "callback.give_up",
}


async def change_callback(
    callbacks: Callbacks,
    audit: AuditTrail,
    who: Account,
    seen: Callback,
    state: CallbackState,
    memo: str | None,
    origin: str,
) -> None:
    """Raises `Refused("callback-taken")` for an agent when a colleague has it in hand, and for anybody when it changed
    meanwhile."""
    if who.role == "agent" and seen.state == "in_progress" and seen.agent != who.id:
        raise Refused("callback-taken", seen.agent_name or "")
    holder = who.id if state == "in_progress" else None if state == "open" else seen.agent or who.id
    if not await callbacks.change(seen, CallbackChange(state, holder, memo)):
        raise Refused("callback-taken", "it changed meanwhile")
    if state != seen.state:
        await audit.note(who.id, _ACTS[state], f"callback:{seen.id}", {"center": seen.center_name}, origin)
