"""The service's settings: a TOML file, each value overridden by an environment variable `PBX_<SECTION>_<KEY>`."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from .core.errors import Misconfigured
from .core.misfit import misfit

Port = Annotated[int, Meta(ge=1, le=65535)]


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file. A key it does not know is an error: it would be a setting that does nothing."""


class NodeSettings(Section, frozen=True):
    """`name` is part of every key this bridge writes: one bridge beside one Asterisk, one name."""

    name: str = "main"
    zone: str = "Asia/Tokyo"
    """IANA time zone in which this node's days begin."""


class DatabaseSettings(Section, frozen=True):
    dsn: str
    pool: int = 10


class AmiSettings(Section, frozen=True):
    """Two accounts of manager.conf: one that listens and reads, one that acts."""

    observer_secret: str
    controller_secret: str
    host: str = "127.0.0.1"
    port: Port = 5038
    observer: str = "pbx-observer"
    controller: str = "pbx-controller"


class AgiSettings(Section, frozen=True):
    """`key` is shared with the dialplan: each request carries a token made with it."""

    key: str
    host: str = "127.0.0.1"
    port: Port = 4573


class WebSettings(Section, frozen=True):
    host: str = "127.0.0.1"
    port: Port = 8080
    origin: str = ""
    """The address people type (`https://calls.example.jp`), when a proxy stands before the bridge."""


class JournalSettings(Section, frozen=True):
    """Where Asterisk appends its CDR and CEL files (its log directory)."""

    directory: Path


class RecordingSettings(Section, frozen=True):
    """`spool`: where MixMonitor writes. `vault`: where finished recordings are kept."""

    spool: Path
    vault: Path
    keep_days: int = 365


class S3Settings(Section, frozen=True):
    """A bucket that takes the vault's place, on any server that speaks S3 (needs the extra `[s3]`)."""

    endpoint: str
    """`https://host[:port]`."""
    bucket: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"


class SecretSettings(Section, frozen=True):
    """`pepper` goes into every password hash and lives outside the database; `vault_key` wraps recording keys."""

    pepper: str
    vault_key: str = ""


class PromptSettings(Section, frozen=True):
    """`directory` holds one folder a language."""

    directory: Path


class ProvisionSettings(Section, frozen=True):
    """`file`: what Asterisk's configuration is rendered from. The others are for `pbx-bridge reload`: `asterisk` is the
    folder that Asterisk reads, `console` the program that speaks with it (`PROGRAM -rx COMMAND`)."""

    file: Path
    asterisk: Path | None = None
    console: str = "asterisk"


class Settings(Section, frozen=True):
    database: DatabaseSettings
    ami: AmiSettings
    agi: AgiSettings
    journal: JournalSettings
    recordings: RecordingSettings
    secrets: SecretSettings
    prompts: PromptSettings | None = None
    """Given: a missing sentence stops start-up. Not given: the sounds are somebody else's business."""
    provision: ProvisionSettings | None = None
    """Given: it is proven at the start, and the centers in the database become those of the file."""
    node: NodeSettings = NodeSettings()
    web: WebSettings = WebSettings()
    s3: S3Settings | None = None
    """Given: finished recordings rest in its bucket, not in `recordings.vault`."""


def load(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings, or `Misconfigured` with the file, the key and what is wrong with it."""
    found = _tables(path)
    _override(found, os.environ if environment is None else environment)
    try:
        return msgspec.convert(found, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"{path}: {misfit(str(error))}") from None


def _tables(path: Path) -> dict[str, dict[str, object]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"{path}: cannot be read: {error.strerror}; name the file with --config") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{path}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path}: is not TOML: {error}") from None
    loose = [key for key, value in tables.items() if not isinstance(value, dict)]
    if loose:
        raise Misconfigured(f"{path}: `{loose[0]}` stands outside any [section]")
    return tables


def _override(tables: dict[str, dict[str, object]], environment: Mapping[str, str]) -> None:
    known = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    for name, value in environment.items():
        prefix, _, rest = name.partition("_")
        section, _, key = rest.lower().partition("_")
        if prefix == "PBX" and section in known and key:
            keys = _keys(known[section])
            if key in keys:
                tables.setdefault(section, {})[key] = value


def _keys(section: object) -> set[str]:
    members = getattr(section, "__args__", (section,))
    return {
        field.name
        for item in members
        if isinstance(item, type) and issubclass(item, Section)
        for field in msgspec.structs.fields(item)
    }


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(f"{kind}: no such setting type")
