"""From the spool into the vault, and out of it: what happens to a recording after its call, and at its end."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from pbx_bridge.ports.recordings import Gap, Kept, Spooled
from recordings import Unreadable
from recordings.finish import Finished, finish
from recordings.naming import name_of, peaks_of
from recordings.probe import Flag
from recordings.vault import Missing, Vault, read_range, size_of


def keep(
    source: Path,
    vault: Vault,
    call: str,
    day: date,
    work: Path,
    *,
    rate: int = 8000,
    talked_seconds: float | None = None,
    gaps: Sequence[Gap] = (),
) -> Finished:
    """Finish `source` in the directory `work` and put FLAC and peaks into the vault under the call's id.

    What the vault then holds is read back and compared: recorded, compressed and stored are the same seconds when
    this returns. `source` stays until its row is committed: delete it then. Again is harmless. Blocks on CPU and
    disk: call it from a thread. Raises as `finish`, and `naming.BadName`.
    """
    sound_name, peaks_name = name_of(call, day, "flac"), name_of(call, day, "dat")
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = work / f"{call}.flac"
    try:
        finished = finish(source, target, rate, talked_seconds=talked_seconds, gaps=gaps)
        if Flag.EMPTY in finished.flags and not talked_seconds:
            raise Unreadable("nobody was put through: there is nothing to hear")
        vault.put(peaks_name, finished.peaks_path)
        vault.put(sound_name, finished.path)
    finally:
        target.unlink(missing_ok=True)
        target.with_suffix(".dat").unlink(missing_ok=True)
    _check(vault, sound_name, finished.sha256)
    return finished


def _check(vault: Vault, name: str, sha256: str) -> None:
    try:
        same = sha256_of(vault, name) == sha256
    except (Missing, Unreadable):
        same = False
    if not same:
        raise OSError(f"the vault does not give back what was put into it as {name}")


def keeper(vault: Vault, work: Path) -> Callable[[Path, Spooled], Kept]:
    """`keep` as `services.keep_recording` wants it; `work` is a directory as private as the spool."""

    def kept(source: Path, spooled: Spooled) -> Kept:
        day, talked = spooled.started_at.date(), spooled.talked_seconds
        finished = keep(source, vault, spooled.call, day, work, talked_seconds=talked, gaps=spooled.gaps)
        return Kept(
            path=name_of(spooled.call, day, "flac"),
            seconds=finished.seconds,
            rate=finished.rate,
            channels=finished.channels,
            bytes=finished.bytes,
            flags=sorted(finished.flags),
            sha256=finished.sha256,
            talked_seconds=talked,
            talk=finished.talk,
            gap_seconds=finished.gap_seconds,
        )

    return kept


def forget(vault: Vault, name: str) -> None:
    """Delete a recording with its peaks, or an archive; whatever is there of them."""
    if name.endswith(".flac"):
        vault.delete(peaks_of(name))
    vault.delete(name)


def sha256_of(vault: Vault, name: str) -> str:
    """Of the plain bytes. Raises as `Vault.open`."""
    digest = hashlib.sha256()
    with vault.open(name) as file:
        for piece in read_range(file, 0, size_of(file)):
            digest.update(piece)
    return digest.hexdigest()
