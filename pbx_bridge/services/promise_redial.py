"""An agent promises a customer to call again."""

from pbx_bridge.ports.accounts import Account, AuditTrail
from pbx_bridge.ports.redials import NewRedial, Redials


async def promise_redial(redials: Redials, audit: AuditTrail, who: Account, new: NewRedial, origin: str) -> str | None:
    """Its id; None: the response record is not theirs. Raises `Unreachable`."""
    id = await redials.promise(new, who.id)
    if id is not None:
        detail = {"due_at": new.due_at.isoformat(), "agent": str(new.agent or "")}
        await audit.note(who.id, "redial.promise", f"redial:{id}", detail, origin)
    return id
