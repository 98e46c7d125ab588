"""Move a promise to call again to another time or agent, or finish it."""

from pbx_bridge.core.errors import Refused
from pbx_bridge.ports.accounts import Account, Accounts, AuditTrail
from pbx_bridge.ports.redials import Redial, RedialChange, Redials


async def change_redial(
    redials: Redials,
    accounts: Accounts,
    audit: AuditTrail,
    who: Account,
    seen: Redial,
    to: RedialChange,
    origin: str,
) -> None:
    """An agent keeps it, or leaves it to anyone; a supervisor gives it to any agent.

    Raises `Refused`: not-permitted, unknown-agent; redial-changed when it changed meanwhile.
    """
    if to.agent is not None and to.agent != seen.agent:
        if who.role == "agent" and to.agent != who.id:
            raise Refused("not-permitted", "only a supervisor gives a redial to somebody else")
        account = await accounts.by_id(to.agent)
        if account is None or not account.is_agent:
            raise Refused("unknown-agent", str(to.agent))
    if not await redials.change(seen, to):
        raise Refused("redial-changed", "it changed meanwhile")
    detail = {"due_at": to.due_at.isoformat(), "agent": str(to.agent or ""), "state": to.state}
    await audit.note(who.id, "redial.change", f"redial:{seen.id}", detail, origin)
