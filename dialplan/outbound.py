"""Calls to the outside: an agent's own, a campaign's answered customers, and the open line they arrive on."""

import re

from pbx_bridge.core.errors import Misconfigured

from . import contexts
from .conf import digits, word
from .inbound import RECORD_TRANSFERRED, START_RECORDING
from .outside import ASK, lines
from .provision import Provision, Trunk
from .script import Step, context, extension

_FIXED_LENGTH = re.compile(r"(?:[0-9XZN]|\[[0-9-]+\]){3,20}")
_RING_SECONDS = 60
_REJECTED = 21  # Q.850 cause
_TONE_SECONDS = 3
_PRESENT = "pbx-present"


def outside(provision: Provision) -> str:
    """What terminals may dial through the first trunk. Raises `Misconfigured` for an open-ended pattern."""
    if not provision.trunks:
        return ""
    allowed = [_dial(_fixed(pattern), provision) for pattern in provision.outside]
    # Asterisk takes the most specific pattern of a context, in whatever order they stand.
    refused = [extension(f"_{_fixed(pattern)}", [f"Hangup({_REJECTED})"]) for pattern in provision.refused]
    return context("pbx-outside", *allowed, *refused) + _for_agents(provision) + _present()


def _fixed(pattern: str) -> str:
    if not _FIXED_LENGTH.fullmatch(pattern):
        raise Misconfigured(f"outside pattern {pattern!r}: use digits, X, Z, N and [..] only, of one length")
    return pattern


def _dial(pattern: str, provision: Provision) -> str:
    trunk = provision.trunks[0]
    # Both subroutines run on the called channel: the agent's own keeps its number for the books, and the recording's
    # file is named after the customer's channel as in every other call.
    options = f"b({_PRESENT}^s^1({digits(trunk.caller_number, 'caller number')}))" if trunk.caller_number else ""
    options += f"U({contexts.RECORD})" if provision.record_outgoing else ""
    dial = f"Dial({_number(trunk)},{_RING_SECONDS},{options})"
    return extension(f"_{pattern}", [RECORD_TRANSFERRED, dial, "Hangup(${HANGUPCAUSE})"])


def _number(trunk: Trunk) -> str:
    return f"PJSIP/${{FILTER(0-9,${{EXTEN}})}}@{word(trunk.name, 'trunk')}"


def _for_agents(provision: Provision) -> str:
    """An agent whose terminal the bridge rang calls a customer: what terminals may dial, and nothing else.

    Set by the Originate: PBX_EXTENSION (the agent's, for the books), PBX_SHOWN (what the customer sees), PBX_RECORD,
    PBX_ASK (an outside number: whoever answers keys 1 first).
    Who is not put through hears a busy tone, or that there is no such number.
    """
    shown = f"b({_PRESENT}^s^1(${{FILTER(+0-9,${{PBX_SHOWN}})}}))"
    dial = f"{_number(provision.trunks[0])},{_RING_SECONDS},{shown}"
    asked = [f'ExecIf($["${{PBX_ASK}}" = "1"]?Gosub({ASK},s,1))', 'GotoIf($["${GOSUB_RESULT}" != ""]?left)']
    steps = [
        *(asked if any(lines(provision)) else []),
        "Set(CALLERID(num)=${FILTER(0-9,${PBX_EXTENSION})})",
        "Set(CALLERID(name)=)",
        'GotoIf($["${PBX_RECORD}" = "1"]?record)',
        f"Dial({dial})",
        "Goto(over)",
        f"(record)Dial({dial}U({contexts.RECORD}))",
        f"(over)Busy({_TONE_SECONDS})",
        "(left)Hangup()",
    ]
    refusal = ["Wait(0.3)", "Playback(pbx/number-refused)", "Hangup()"]
    refused = [extension(f"_{_fixed(pattern)}", refusal) for pattern in provision.refused]
    allowed = [extension(f"_{_fixed(pattern)}", steps) for pattern in provision.outside]
    return context(contexts.DIAL, *allowed, *refused, extension("i", refusal))


def _present() -> str:
    """What the called party sees as the caller's number; nothing given, nothing changes."""
    steps = ['ExecIf($["${ARG1}" != ""]?Set(CONNECTEDLINE(num,i)=${ARG1}))', "Return()"]
    return context(_PRESENT, extension("s", steps))


def attempt(provision: Provision) -> str:
    """A customer who answered waits for the agent; the switchboard joins them or sends them to the message.

    Set by the Originate: PBX_ATTEMPT, PBX_RECORD, optionally PBX_CAMPAIGN (prompt `caller-<campaign>`: who calls).
    The wait's own end only matters while the bridge is away. After a conversation the channel goes on here too, with
    the next priority, but without the status: WaitUntil() sets it on the channel it was called on, which AMI Bridge
    has replaced (ast_channel_yank in main/channel.c).

    The `.0` matters: without a fraction WaitUntil() adds a number that it never set (sscanf in apps/app_waituntil.c),
    and now and then waits for ever.
    """
    wait = extension(
        "s",
        [
            "Answer()",
            f"UserEvent({contexts.ATTEMPT_ANSWERED},Attempt: ${{FILTER(0-9a-z,${{PBX_ATTEMPT}})}})",
            f'ExecIf($["${{PBX_RECORD}}" = "1"]?{START_RECORDING})',
            f"WaitUntil($[${{EPOCH}} + {provision.attempt_wait_seconds}].0)",
            f'GotoIf($["${{WAITUNTILSTATUS}}" = "OK"]?{contexts.ABANDON},s,1)',
            "Hangup()",
        ],
    )
    return context(contexts.ATTEMPT, wait) + _abandon()


def _abandon() -> str:
    """Who called, with the number, and that nobody is free."""
    steps: list[Step] = [
        "Wait(0.3)",
        "Playback(pbx/abandoned-before)",
        'ExecIf($["${PBX_CAMPAIGN}" != ""]?Playback(pbx/caller-${FILTER(0-9,${PBX_CAMPAIGN})}))',
        "Playback(pbx/abandoned-number)",
        "SayDigits(${FILTER(0-9,${CALLERID(num)})})",
        "Playback(pbx/abandoned-after)",
        "Hangup()",
    ]
    return context(contexts.ABANDON, extension("s", steps))


def line() -> str:
    """An agent's open line: it waits in a bridge of its own and comes back to it after every customer.

    The short pause keeps a bridge that cannot be entered from becoming a busy loop.
    """
    steps = [
        "Answer()",
        f"(wait)UserEvent({contexts.LINE_WAITING})",
        "BridgeWait(line-${UNIQUEID},participant,e(s))",
        "Wait(0.02)",
        "Goto(wait)",
    ]
    return context(contexts.LINE, extension("s", steps))
