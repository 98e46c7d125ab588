"""`pbx-bridge peaks FILE… -o OUT`: the waveform of sound files, with audiowaveform's flags, equal to its output."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # numpy is imported only when there is work for it
    from recordings.peaks import Pixels

_FORMATS: Final = ("dat", "json")
_MAX_ZOOM: Final = 2**31 - 1  # the header has 32 bits for it


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser(
        "peaks",
        help="compute the waveform of sound files",
        description="Write the peaks of sound files as audiowaveform's .dat (version 1 for one channel, 2 for more) "
        "or .json, as the suffix of OUT says. Several FILEs need a directory as OUT.",
    )
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="WAV, FLAC, or headerless .raw/.sln")
    parser.add_argument("-o", "--output-filename", dest="out", metavar="OUT", type=Path, required=True)
    parser.add_argument("-z", "--zoom", metavar="N", type=int, default=256, help="samples per pixel (256)")
    parser.add_argument("-b", "--bits", type=int, choices=(8, 16), default=16, help="of each number (16)")
    parser.add_argument("--split-channels", action="store_true", help="a waveform a channel, not one of their mean")
    parser.add_argument("--output-format", choices=_FORMATS, help="where OUT's suffix does not say it")
    parser.add_argument("--raw-samplerate", metavar="HZ", type=int, default=8000, help="of .raw/.sln files (8000)")
    parser.add_argument("--raw-channels", metavar="N", type=int, default=2, help="of .raw/.sln files (2)")
    parser.add_argument("-q", "--quiet", action="store_true", help="show no progress")
    parser.set_defaults(run=run)


class _Refused(ValueError):
    """The arguments do not fit together."""


def run(args: argparse.Namespace) -> int:
    """Do it: 0, or 2 and one line on stderr at the first file that cannot be read or written."""
    from recordings import Unreadable

    at: Path | None = None
    try:
        for at, target in _targets(args):
            _write(at, target, args)
    except (Unreadable, _Refused) as error:
        problem = f"{at}: {error}" if at and isinstance(error, Unreadable) else str(error)
    except OSError as error:
        problem = f"{error.filename or at}: {error.strerror or error}"
    else:
        return 0
    print(f"pbx-bridge peaks: {problem}", file=sys.stderr)
    return 2


def _targets(args: argparse.Namespace) -> list[tuple[Path, Path]]:
    """Which FILE becomes which file. Raises `_Refused` before anything is written."""
    files: list[Path] = args.files
    out: Path = args.out
    if not 2 <= args.zoom <= _MAX_ZOOM:
        raise _Refused(f"invalid zoom {args.zoom}: 2 to {_MAX_ZOOM}")
    if out.is_dir():
        pairs = [(file, out / f"{file.name}.{args.output_format or 'dat'}") for file in files]
        if len({target for _, target in pairs}) < len(pairs):
            raise _Refused("two FILEs have the same name: their output would too")
        return pairs
    if len(files) > 1:
        raise _Refused(f"{out} is not a directory: several FILEs need one")
    if args.output_format is None and out.suffix[1:] not in _FORMATS:
        raise _Refused(f"{out}: the name must end in .dat or .json, or give --output-format")
    if not out.absolute().parent.is_dir():
        raise _Refused(f"{out}: there is no folder {out.parent}")
    if out.exists() and files[0].exists() and out.samefile(files[0]):
        raise _Refused(f"{out} is the FILE itself")
    return [(files[0], out)]


def _write(source: Path, target: Path, args: argparse.Namespace) -> None:
    from recordings import Unreadable
    from recordings.dat import as_json, header_of, write_dat
    from recordings.durable import appearing
    from recordings.peaks import peaks
    from recordings.sound import RAW_SUFFIXES, Raw, open_sound

    raw = Raw(args.raw_samplerate, args.raw_channels) if source.suffix in RAW_SUFFIXES else None
    with open_sound(source, raw) as sound, appearing(target) as part, part.open("w+b") as dat:
        if not sound.frames:
            raise Unreadable("there is no sound in it")
        runs = peaks(sound, args.zoom, split_channels=args.split_channels)
        if not args.quiet and sys.stderr.isatty():
            runs = _reported(runs, source.name, max(1, -(-sound.frames // args.zoom)))
        header = header_of(sound, args.zoom, args.bits, split_channels=args.split_channels)
        if (args.output_format or target.suffix[1:]) == "dat":
            write_dat(dat, header, runs)
        else:
            with tempfile.TemporaryFile() as binary:
                write_dat(binary, header, runs)
                binary.seek(0)
                dat.writelines(piece.encode() for piece in as_json(binary))


def _reported(runs: "Iterator[Pixels]", name: str, total: int) -> "Iterator[Pixels]":
    """Pass the runs on, showing on the terminal how far they are."""
    done, shown = 0, 0.0
    for run in runs:
        yield run
        done += len(run)
        if (now := time.monotonic()) - shown > 0.1 or done >= total:
            shown = now
            print(f"\r{name}: {min(100, 100 * done // total)} %", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
