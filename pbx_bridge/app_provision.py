"""The composition root's part for the provision: proven at the start, then the database follows it."""

from agi import prompts
from dialplan.check import load
from dialplan.outside import lines
from dialplan.provision import Provision
from dialplan.render import render

from .core.errors import Misconfigured
from .settings import Settings
from .store.centers import follow
from .store.outside_numbers import write_numbering, write_numbers
from .store.pool import Pool, connected


def read_provision(settings: Settings) -> Provision | None:
    """The provision, if there is one, as it would be rendered. Raises `Misconfigured`, one line that says how to mend
    it."""
    if settings.provision is None:
        return None
    path = settings.provision.file
    try:
        provision = load(path)
        render(provision)
    except OSError as error:
        raise Misconfigured(f"{path}: cannot be read: {error.strerror}; set [provision] file") from None
    except Misconfigured as fault:
        raise Misconfigured(str(fault) if str(fault).startswith(str(path)) else f"{path}: {fault}") from None
    return provision


def check_prompts(settings: Settings, provision: Provision | None) -> None:
    """Raises `Misconfigured` while a sentence that may be asked for is missing."""
    if settings.prompts is None:
        return
    own = prompts.own_sentences(provision) if provision is not None else {}
    absent = prompts.missing(settings.prompts.directory, own)
    if absent:
        file = f" --provision {settings.provision.file}" if settings.provision is not None else ""
        raise Misconfigured(
            f"{len(absent)} sentences are missing below {settings.prompts.directory} (first {absent[0]}):"
            f" make them with `python -m agi.prompts build{file} {settings.prompts.directory}`"
        )


async def follow_provision(pool: Pool, provision: Provision) -> None:
    """Centers and numbers in the database become those of the provision, all at once. Raises `Unreachable`."""
    async with connected(pool) as connection, connection.transaction():
        await write_numbering(connection, provision.numbering)
        await follow(connection, provision.centers, provision.numbers)
        await write_numbers(connection, provision.numbers, list(lines(provision)))
