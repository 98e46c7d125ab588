"""extensions.conf: the whole dialplan. Fixed patterns; what a caller sends is matched or filtered, never executed.

Applications: https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/
"""

from . import centers, contexts, dialogue, hours, inbound, outbound, outside
from .codes import DIALOGUES, dialed
from .conf import digits, section, word
from .provision import Phone, Provision
from .script import context, extension, hint

_ABSENT = 20  # Q.850 cause; chan_pjsip answers 480


def render(provision: Provision) -> str:
    """The file's text. Raises `Misconfigured`."""
    parts = [
        _general(provision),
        _terminals(provision),
        _codes(provision),
        _phones(provision),
        outbound.outside(provision),
        dialogue.render(provision.agi),
        inbound.carrier(provision),
        centers.render(provision),
        hours.render(provision),
        inbound.record(),
        outbound.attempt(provision),
        outbound.line(),
        outside.render(provision),
        _hints(provision),
        *(_lamps(provision, phone) for phone in provision.phones),
    ]
    return "".join(parts)


def _general(provision: Provision) -> str:
    return section(
        "general",
        [
            ("static", "yes"),
            ("writeprotect", "yes"),
            ("autofallthrough", "yes"),
            ("clearglobalvars", "no"),  # PBX_BOOT, which the bridge sets, outlives a reload
        ],
    ) + section(
        "globals",
        [
            ("PBX_AGI_INNER", word(provision.agi.inner, "AGI key")),
            ("PBX_AGI_OUTER", word(provision.agi.outer, "AGI key")),
            ("PBX_RECORDINGS", provision.recordings.rstrip("/")),
        ],
    )


def _terminals(provision: Provision) -> str:
    parts = ["pbx-codes", "pbx-phones", "pbx-dial-centers"]
    return context(contexts.TERMINALS, include=[*parts, "pbx-outside"] if provision.trunks else parts)


def _codes(provision: Provision) -> str:
    """Each code, alone and behind the mobile prefix, goes to its dialogue; EXTEN stays what was dialed."""
    parts: list[str] = []
    for function, code in dialed(provision.codes):
        if function == "status":
            # All ten, so that a status that is added later, or taken away, is told by the bridge.
            parts += [dialogue.enter(f"{code}{digit}", "set_status", str(digit)) for digit in range(10)]
        elif function in DIALOGUES:
            parts.append(dialogue.enter(code, DIALOGUES[function]))
        else:
            pattern = f"_{code}X!" if function in ("listen", "whisper", "barge") else code
            parts.append(extension(pattern, ["Answer()", "Playback(pbx/not-in-service)", "Hangup()"]))
    return context("pbx-codes", *parts)


def _phones(provision: Provision) -> str:
    """A phone that is not there is a subscriber who is absent (480), not a number that leads nowhere (404)."""
    parts = [
        extension(
            digits(phone.extension, "extension"),
            [
                inbound.RECORD_TRANSFERRED,
                f"Dial(PJSIP/{word(phone.endpoint, 'endpoint')},30)",
                f'ExecIf($["${{DIALSTATUS}}" = "CHANUNAVAIL"]?Hangup({_ABSENT}))',
                "Hangup(${HANGUPCAUSE})",
            ],
        )
        for phone in provision.phones
    ]
    return context("pbx-phones", *parts)


def _lamps(provision: Provision, phone: Phone) -> str:
    """A context a terminal: its own status lamps on the status codes, then everybody's terminals."""
    own = [
        hint(f"{provision.codes.status}{digit}", contexts.status_lamp(phone.extension, digit)) for digit in range(10)
    ]
    return context(contexts.lamps(phone.extension), *own, include=["pbx-hints"])


def _hints(provision: Provision) -> str:
    """Everybody's terminals as BLF keys: the phone rings or talks; idle, whoever sits there may be away."""
    return context(
        "pbx-hints",
        *(
            hint(phone.extension, f"PJSIP/{word(phone.endpoint, 'endpoint')}&{contexts.agent_lamp(phone.extension)}")
            for phone in provision.phones
        ),
    )
