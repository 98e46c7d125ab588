"""The telephone's sentences for the demo: made once per wording, kept in the cache, shown to Asterisk by links."""

import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec

from agi.prompts import build, link
from agi.sentences import JAPANESE_DIGITS, SENTENCES, Sentence, center_sentences
from agi.speech import English, Japanese
from pbx_bridge.parts.cache import appearing_whole, cache_home, cache_lock
from pbx_bridge.parts.flite import find_flite

from .layout import center_plan
from .world import World


def prompts(world: World, say: Callable[[str], None]) -> Path:
    """The folder of all sounds. Raises `Misconfigured` or `PartUnavailable` when a synthesiser cannot be had."""
    extra = _own(world)
    wording = msgspec.json.encode([dict(SENTENCES), dict(JAPANESE_DIGITS), extra], order="sorted")
    folder = cache_home() / f"prompts-{sha256(wording).hexdigest()[:12]}"
    complete = folder / "complete"
    with cache_lock("prompts"):
        if not complete.exists():
            _begin_with_others(folder)
            flite = find_flite(say)
            build(folder, {"ja": Japanese(), "en": English(flite.path, flite.environment())}, extra, say)
            complete.touch()
    return folder


def _begin_with_others(folder: Path) -> None:
    """What another wording has said already need not be said again; `build` makes the difference."""
    others = sorted(folder.parent.glob("prompts-*/complete"), key=lambda mark: mark.stat().st_mtime)
    if others and not folder.exists():
        with appearing_whole(folder) as scratch:
            source = others[-1].parent
            ignore = shutil.ignore_patterns("complete")
            shutil.copytree(source, scratch, copy_function=os.link, ignore=ignore, dirs_exist_ok=True)


def show(folder: Path, sounds: Path) -> None:
    """Let an Asterisk whose sounds lie in `sounds` find them."""
    link(folder, sounds)


def _own(world: World) -> dict[str, Sentence]:
    """What names this call center: its centers to agents, and who calls, in the message for whom no agent was free."""
    return center_sentences(map(center_plan, world.places)) | {
        f"caller-{campaign.id}": Sentence(
            f"こちらは、ピービーエックス・ブリッジの、{campaign.name}の窓口です。",
            "This is the demonstration call center of P B X bridge.",
        )
        for campaign in world.campaigns
    }
