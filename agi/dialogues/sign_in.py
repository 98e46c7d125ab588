"""0010, 0012 and the sign-in number: ID, password, for 0012 an extension; ends available."""

from agi.server import Dialogue
from pbx_bridge.core.errors import Refused
from pbx_bridge.ports.accounts import Account, TerminalRecord
from pbx_bridge.services import sign_in as service

from .credentials import TRIES, ask_credentials
from .endings import spoken
from .operations import Operations
from .talk import Talk


def sign_in(operations: Operations) -> Dialogue:
    """At the terminal that dials."""

    async def body(talk: Talk) -> None:
        terminal = await talk.during(operations.terminal(talk.session.request))
        account = await ask_credentials(talk, operations, terminal.extension)
        await _finish(talk, operations, account, terminal, on_the_line=True)

    return spoken(body)


def sign_in_extension(operations: Operations) -> Dialogue:
    """At the terminal whose extension is keyed."""

    async def body(talk: Talk) -> None:
        here = await talk.during(operations.terminal(talk.session.request))
        account = await ask_credentials(talk, operations, here.extension)
        terminal = await _ask_terminal(talk, operations)
        if terminal is not None:
            await _finish(talk, operations, account, terminal, on_the_line=terminal.id == here.id)

    return spoken(body)


def outside_sign_in(operations: Operations) -> Dialogue:
    """From an outside number, which becomes the sign-in terminal: only numbers set up for it, whatever the dialplan
    let through."""

    async def body(talk: Talk) -> None:
        number = talk.session.request.caller_number
        terminal = await talk.during(operations.terminals.by_extension(number))
        if terminal is None or not terminal.outside:
            raise Refused("unknown-terminal", number)
        account = await ask_credentials(talk, operations, number)
        await _finish(talk, operations, account, terminal, on_the_line=True)

    return spoken(body)


async def _ask_terminal(talk: Talk, operations: Operations) -> TerminalRecord | None:
    """None when the caller has been told, three times, that there is no such extension."""
    told: tuple[str, ...] = ()
    for _ in range(TRIES):
        extension = await talk.entry(*told, "enter-extension")
        found = await talk.during(operations.terminals.by_extension(extension)) if extension else None
        if found is not None and not found.outside:  # an outside number signs in by its own call only
            return found
        told = ("unknown-extension",) if extension else ("no-input",)
    await talk.say(*told, "goodbye")
    return None


async def _finish(
    talk: Talk, operations: Operations, account: Account, terminal: TerminalRecord, *, on_the_line: bool
) -> None:
    done = await talk.during(service.sign_in(operations.engine, account, terminal, "phone", on_the_line=on_the_line))
    await talk.say("signed-in-moved" if done.moved else "signed-in")
    await talk.spell(account.dial_id)
    await talk.say("status-1")
