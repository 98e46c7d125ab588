"""A dial code's way to the bridge and back: one FastAGI call, and a sentence when nobody answers it.

The caller never meets silence. Asterisk itself ends an AGI whose server hangs: `TIMEOUT(absolute)` runs until the
dialogue moves it (its first command), and on its expiry the channel goes on at extension `T`. A server that is gone
shows as AGISTATUS, one killed in mid-dialogue as a an outcome that was never set (reliability fact F8).
https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/AGI/
"""

from . import contexts
from .conf import word
from .provision import Agi
from .script import context, extension

ANSWER_SECONDS = 2.5
"""How long the bridge may take to begin."""
OUTCOME = "DIALOGUE_OUTCOME"
"""Channel variable: `done` once a dialogue has ended by itself; the FastAGI server sets it."""
NEXT = "PBX_NEXT"
"""Channel variable: `line` when the call goes on as the agent's open line."""

_LONGEST_SENTENCE_SECONDS = 15
_TOKEN_SECONDS = 30


def enter(pattern: str, name: str, argument: str = "", language: str = "") -> str:
    """An extension that begins dialogue `name`."""
    steps = [f"Set(PBX_DIALOGUE={name})"]
    if argument:
        steps.append(f"Set(PBX_ARGUMENT={argument})")
    if language:
        steps.append(f"Set(CHANNEL(language)={language})")
    return extension(pattern, [*steps, f"Goto({contexts.DIALOGUE},${{EXTEN}},1)"])


def token(dialogue: str) -> str:
    """The per-call token that `agi.token` checks: good for this dialogue of this call until `PBX_UNTIL`, once."""
    inner = f"${{SHA1(${{PBX_AGI_INNER}}{dialogue}:${{UNIQUEID}}:${{PBX_UNTIL}})}}"
    return f"${{PBX_UNTIL}}-${{SHA1(${{PBX_AGI_OUTER}}{inner})}}"


def render(agi: Agi) -> str:
    """The context that speaks FastAGI. Raises `Misconfigured`."""
    address = f"agi://{word(agi.address, 'AGI address')}:{agi.port}"
    talk = extension(
        "_[0-9*#]!",
        [
            "Answer()",
            "Set(AGIEXITONHANGUP=yes)",
            f"Set({OUTCOME}=)",
            f"Set({NEXT}=)",
            f"Set(PBX_UNTIL=$[${{EPOCH}} + {_TOKEN_SECONDS}])",
            f"Set(TIMEOUT(absolute)={ANSWER_SECONDS})",
            f"AGI({address}/${{PBX_DIALOGUE}}?token={token('${PBX_DIALOGUE}')},${{PBX_ARGUMENT}})",
            "Set(TIMEOUT(absolute)=0)",
            f'GotoIf($["${{{OUTCOME}}}" != "done"]?T,1)',
            f'GotoIf($["${{{NEXT}}}" = "line"]?{contexts.LINE},s,1)',
            "Hangup()",
        ],
    )
    away = extension(
        "T", [f"Set(TIMEOUT(absolute)={_LONGEST_SENTENCE_SECONDS})", "Playback(pbx/try-later)", "Hangup()"]
    )
    return context(contexts.DIALOGUE, talk, away)
