"""What a data directory remembers between starts beside the database: the people with their passwords, and the keys."""

import base64
import os
import secrets
from pathlib import Path

import msgspec
from msgspec import Struct

from pbx_bridge.core.errors import Misconfigured

from .world import World, invent


class Keys(Struct, frozen=True):
    observer_secret: str
    controller_secret: str
    agi_key: str
    pepper: str
    vault_key: str


class Kept(Struct, frozen=True):
    world: World
    keys: Keys


def kept(data: Path, seed: int) -> Kept:
    """Read `world.json`, or invent one and write it (0600). Raises `Misconfigured` when it is not what we wrote."""
    path = data / "world.json"
    if path.exists():
        try:
            return msgspec.json.decode(path.read_bytes(), type=Kept)
        except msgspec.DecodeError as error:
            raise Misconfigured(f"{path}: {error}; give another --data, or remove that directory") from None
    return keep(data, invent(seed))


def keep(data: Path, world: World) -> Kept:
    """Let a data directory begin with `world` and fresh keys."""
    fresh = Kept(world, _keys())
    write_private(data / "world.json", msgspec.json.format(msgspec.json.encode(fresh)))
    return fresh


def write_private(path: Path, text: bytes) -> None:
    """Appears whole or not at all, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    draft.rename(path)


def _keys() -> Keys:
    return Keys(
        observer_secret=secrets.token_urlsafe(24),
        controller_secret=secrets.token_urlsafe(24),
        agi_key=secrets.token_hex(32),
        pepper=secrets.token_urlsafe(32),
        vault_key=base64.b64encode(secrets.token_bytes(32)).decode(),
    )
