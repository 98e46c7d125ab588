"""From the spool into the vault: what happens to a recording once, after its call."""

from datetime import date
from pathlib import Path

from recordings.finish import Finished, finish
from recordings.naming import name_of
from recordings.vault import Vault


def keep(
    source: Path,
    vault: Vault,
    call: str,
    day: date,
    work: Path,
    *,
    rate: int = 8000,
    talked_seconds: float | None = None,
) -> Finished:
    """Finish `source` in the directory `work` and put FLAC and peaks into the vault under the call's id.

    `source` stays until its row is committed: delete it then. Again is harmless. Blocks on CPU and disk: call it
    from a thread. Raises as `finish`, and `naming.BadName`.
    """
    sound_name, peaks_name = name_of(call, day, "flac"), name_of(call, day, "dat")
    target = work / f"{call}.flac"
    try:
        finished = finish(source, target, rate, talked_seconds=talked_seconds)
        vault.put(peaks_name, finished.peaks_path)
        vault.put(sound_name, finished.path)
    finally:
        target.unlink(missing_ok=True)
        target.with_suffix(".dat").unlink(missing_ok=True)
    return finished
