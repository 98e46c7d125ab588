"""The recordings' part of the composition root: the vault, and all that happens to sound beside the calls."""

import asyncio
import base64
import binascii
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from recordings.archive import Packer
from recordings.exports import ExportDesk
from recordings.fresh import FreshLibrary, KeptOrFresh
from recordings.keep import forget, keeper
from recordings.library import Library
from recordings.sealed import MasterKeys
from recordings.vault import DirectoryVault, Vault

from .core.errors import Misconfigured, Unreachable
from .core.ids import NodeId
from .ports.alarms import Alarm
from .services import expire_recordings, sweep_recordings, watch_recorders, watch_recording_space
from .services.expire_recordings import ExpireRecordings
from .services.export_recordings import ExportRecordings
from .services.keep_recording import KeepRecordings
from .services.sweep_recordings import SweepRecordings
from .services.watch_recorders import WatchRecorders
from .services.watch_recording_space import WatchRecordingSpace
from .settings import Settings
from .store.audit import AuditLog
from .store.pool import Pool
from .store.recording_exports import ExportBook
from .store.recordings import RecordingRows, RetentionRows

_log = logging.getLogger(__name__)

Once = Callable[[], Awaitable[object]]


def open_vault(settings: Settings) -> Vault:
    """Where finished recordings rest. Asks an S3 server whether it answers. Raises `Misconfigured`."""
    if settings.s3 is None:
        return DirectoryVault(settings.recordings.vault, _keys(settings))
    try:
        from recordings.s3 import S3Vault  # 48 MB and most of a second: only for those who have a bucket
    except ModuleNotFoundError:
        raise Misconfigured("[s3] needs boto3: pip install 'pbx-bridge[s3]'") from None
    there = settings.s3
    try:
        vault = S3Vault(
            there.endpoint,
            there.bucket,
            there.access_key,
            there.secret_key,
            region=there.region,
            keys=_keys(settings),
        )
        vault.check()
    except (OSError, ValueError) as error:
        raise Misconfigured(f"[s3] {there.endpoint}: {error}") from None
    return vault


def _keys(settings: Settings) -> MasterKeys | None:
    if not settings.secrets.vault_key:
        return None
    try:
        return MasterKeys(base64.b64decode(settings.secrets.vault_key, validate=True))
    except (binascii.Error, ValueError):
        raise Misconfigured("secrets.vault_key: 32 random bytes in base64 (`openssl rand -base64 32`)") from None


class RecordingParts:
    """What the web asks (`library`, `exports`, `alarms`), and the work behind it."""

    def __init__(self, settings: Settings, pool: Pool, node: NodeId, vault: Vault) -> None:
        places, audit = settings.recordings, AuditLog(pool)
        rows, retention, book = RecordingRows(pool, node), RetentionRows(pool, node), ExportBook(pool, node)
        # Both hold plain sound for moments, as the spool itself does: its protection is theirs.
        work, parts = places.spool / ".work", places.spool / ".exports"
        self.library = KeptOrFresh(Library(vault, rows.find), FreshLibrary(places.spool, rows.find_spooled))
        self.retention = retention
        self.exports = ExportDesk(vault, book.ask, book.find, book.place)
        disks = {"spool": places.spool, **({} if settings.s3 else {"vault": places.vault})}
        self.space = WatchRecordingSpace(disks, audit)
        self.recorders = WatchRecorders(rows, audit, places.spool)
        self._keep = KeepRecordings(rows, places.spool, keeper(vault, work))
        self._export = ExportRecordings(book, Packer(vault, parts))
        self._sweep = SweepRecordings(rows, audit, places.spool)
        self._expire = ExpireRecordings(retention, partial(forget, vault), places.keep_days)

    def alarms(self) -> list[Alarm]:
        """What is wrong with recordings now."""
        found: list[tuple[Alarm, bool]] = [
            ("recording-space", bool(self.space.low)),
            ("recording-stalled", bool(self.recorders.stalled)),
        ]
        return [alarm for alarm, holds in found if holds]

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep.run())
            group.create_task(self._export.run())
            group.create_task(_every(sweep_recordings.SWEEP_EVERY, self._sweep.once))
            group.create_task(_every(expire_recordings.EXPIRE_EVERY, self._expire.once))
            group.create_task(_every(watch_recorders.LOOK_EVERY, self.recorders.once))
            group.create_task(_every(watch_recording_space.LOOK_EVERY, self.space.once))


async def _every(seconds: float, once: Once) -> None:
    """A disk or a database that fails today must not stop the phones: said, and tried again in its time."""
    while True:
        try:
            await once()
        except (Unreachable, OSError) as error:
            _log.warning("recordings: %s", error)
        await asyncio.sleep(seconds)
