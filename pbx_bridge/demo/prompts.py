"""The telephone's sentences for the demo: made once per wording, kept in the cache, shown to Asterisk by links."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec

from agi.prompts import build, link
from agi.sentences import JAPANESE_DIGITS, SENTENCES, Sentence
from agi.speech import English, Japanese
from pbx_bridge.parts.cache import cache_home, cache_lock
from pbx_bridge.parts.flite import find_flite

from .world import World


def prompts(world: World, say: Callable[[str], None]) -> Path:
    """The folder of all sounds. Raises `Misconfigured` or `PartUnavailable` when a synthesiser cannot be had."""
    extra = _own(world)
    wording = msgspec.json.encode([dict(SENTENCES), dict(JAPANESE_DIGITS), extra], order="sorted")
    folder = cache_home() / f"prompts-{sha256(wording).hexdigest()[:12]}"
    complete = folder / "complete"
    with cache_lock("prompts"):
        if not complete.exists():
            flite = find_flite(say)
            build(folder, {"ja": Japanese(), "en": English(flite.path, flite.environment())}, extra, say)
            complete.touch()
    return folder


def show(folder: Path, sounds: Path) -> None:
    """Let an Asterisk whose sounds lie in `sounds` find them."""
    link(folder, sounds)


def _own(world: World) -> dict[str, Sentence]:
    """What names this call center: who calls, in the message for whom no agent was free."""
    return {
        f"caller-{campaign.id}": Sentence(
            f"こちらは、ピービーエックス・ブリッジの、{campaign.name}の窓口です。",
            "This is the demonstration call center of P B X bridge.",
        )
        for campaign in world.campaigns
    }
