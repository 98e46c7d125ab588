"""The composition root's part for a provision that changes while the service runs: Asterisk and the bridge follow it,
and every call goes on.

Asterisk's own console is asked to read its files again, by whoever may reach it: the bridge's AMI accounts may not. The
bridge needs no telling: the database follows the provision, and it follows the database."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from agi import prompts, token
from dialplan.check import put, stored
from dialplan.provision import CenterPlan, Provision
from dialplan.render import render

from .app_provision import follow_provision, read_provision
from .core.errors import Misconfigured, Unreachable
from .ports.centers import CenterRecord
from .settings import Settings
from .store.centers import CenterRows, treatment_of
from .store.pool import Pool

Console = Callable[[str], str]
"""A command for Asterisk's own console, and what it prints; empty when Asterisk does not answer."""

_READ_AGAIN: Mapping[str, str] = {
    "musiconhold.conf": "moh reload",
    "pjsip.conf": "module reload res_pjsip.so",
    "features.conf": "features reload",
    "queues.conf": "queue reload all",
    "extensions.conf": "dialplan reload",
    "manager.conf": "manager reload",
}
"""What Asterisk reads while it runs, in this order: a queue is there before somebody is sent to it."""
_ITS_OWN = "asterisk.conf"
"""Of the installation: its folders stand there."""


class Reloaded(Struct, frozen=True):
    """What a reload did, or would do: one line."""

    centers: tuple[str, ...]
    read_again: tuple[str, ...]
    at_next_start: tuple[str, ...]
    sentences: int

    @property
    def anything(self) -> bool:
        return bool(self.centers or self.read_again or self.at_next_start or self.sentences)

    def __str__(self) -> str:
        parts = [f"centers: {', '.join(self.centers)}"] if self.centers else []
        parts += [f"Asterisk reads {', '.join(self.read_again)}"] if self.read_again else []
        parts += [f"sentences: {self.sentences}"] if self.sentences else []
        parts += [f"only at Asterisk's next start: {', '.join(self.at_next_start)}"] if self.at_next_start else []
        return "; ".join(parts) or "nothing to change"


async def reload(settings: Settings, pool: Pool, console: Console, *, dry_run: bool = False) -> Reloaded:
    """Proves everything before it changes anything. Raises `Misconfigured`, `Unreachable`, `OSError`: one line each."""
    provision = read_provision(settings)
    if provision is None or settings.provision is None or settings.provision.asterisk is None:
        raise Misconfigured("set [provision] file, and [provision] asterisk to the folder that Asterisk reads")
    keys = token.keys(settings.agi.key.encode())
    files = render(replace(provision, agi=replace(provision.agi, inner=keys.inner, outer=keys.outer)))
    del files[_ITS_OWN]
    folder = settings.provision.asterisk
    if not folder.is_dir():
        raise Misconfigured(f"{folder}: no such folder; set [provision] asterisk to the one that Asterisk reads")
    held = stored(folder)
    changed = [name for name in files if files[name] != held.get(name)]
    if not await asyncio.to_thread(console, "core show version"):
        raise Unreachable(f"{settings.provision.console} -rx: Asterisk does not answer; nothing was changed")
    done = Reloaded(
        tuple(_differences(await CenterRows(pool).centers(), provision)),
        tuple(name for name in _READ_AGAIN if name in changed),
        tuple(name for name in changed if name not in _READ_AGAIN),
        _sentences(settings, provision),
    )
    if dry_run:
        return done
    await asyncio.to_thread(_speak, settings, provision, done.sentences)
    put({name: files[name] for name in changed}, folder)
    for name in done.read_again:
        await asyncio.to_thread(console, _READ_AGAIN[name])
    await follow_provision(pool, provision)
    return done


def _sentences(settings: Settings, provision: Provision) -> int:
    if settings.prompts is None:
        return 0
    return prompts.outdated(settings.prompts.directory, prompts.own_sentences(provision))


def _speak(settings: Settings, provision: Provision, count: int) -> None:
    if settings.prompts is not None and count:
        prompts.build(settings.prompts.directory, prompts.own_voices(), prompts.own_sentences(provision))


def _differences(records: Iterable[CenterRecord], provision: Provision) -> Iterator[str]:
    """Each center that is new, gone or otherwise now, with what is."""
    known = {record.id: record for record in records}
    for plan in provision.centers:
        before, now = known.pop(plan.center.id, None), _planned(plan, provision)
        title = f"{plan.center.extension} {plan.center.name}"
        if before is None:
            yield f"{title} (new)"
        elif what := [*_unlike(before, now), *_unlike(before.treatment, now.treatment)]:
            yield f"{title} ({', '.join(what)})"
    yield from (f"{gone.extension} {gone.name} (gone)" for gone in known.values())


def _planned(plan: CenterPlan, provision: Provision) -> CenterRecord:
    """As the database will have it, but for who works there."""
    center = plan.center
    numbers = {number.number for number in provision.numbers if number.center == center.extension}
    return CenterRecord(
        id=center.id,
        name=center.name,
        extension=center.extension,
        numbers=sorted(numbers | ({center.number} if center.number else set())),
        priority=center.priority,
        strategy=center.strategy,
        wrap_up_seconds=center.wrap_up_seconds,
        service_level_seconds=center.service_level_seconds,
        recording=center.recording,
        treatment=treatment_of(plan),
        agents=[],
        keep_days=center.keep_days,
    )


def _unlike(before: Struct, now: Struct) -> Iterator[str]:
    for name in before.__struct_fields__:
        old, new = getattr(before, name), getattr(now, name)
        if name not in ("agents", "treatment") and (sorted(old) if name == "numbers" else old) != new:
            yield name
