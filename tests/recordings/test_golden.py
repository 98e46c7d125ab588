"""Byte equality with audiowaveform 1.10.3 on every golden pair, as a library and as the command."""

import io
import json
import re
from pathlib import Path

import pytest

from recordings.dat import as_json, header_of, read_header, write_dat
from recordings.peaks import peaks
from recordings.sound import open_sound
from tests.recordings.command import peaks_command
from tests.recordings.sounds import GOLDEN

PAIRS = sorted(GOLDEN.glob("*.dat"))


def _of(dat: Path) -> tuple[Path, bool, int, int]:
    match = re.fullmatch(r"(.+?\.(?:wav|flac))(\.split)?\.z(\d+)\.b(8|16)\.dat", dat.name)
    assert match is not None
    return GOLDEN / match[1], bool(match[2]), int(match[3]), int(match[4])


def test_every_pair_is_there() -> None:
    assert len(PAIRS) == 78


@pytest.mark.parametrize("dat", PAIRS, ids=lambda path: path.name)
def test_equal_to_audiowaveform(dat: Path) -> None:
    source, split, zoom, bits = _of(dat)
    out = io.BytesIO()
    with open_sound(source) as sound:
        header = header_of(sound, zoom, 8 if bits == 8 else 16, split_channels=split)
        write_dat(out, header, peaks(sound, zoom, split_channels=split))
    assert out.getvalue() == dat.read_bytes()


def test_the_command_writes_the_same_files(tmp_path: Path) -> None:
    for dat in PAIRS:
        source, split, zoom, bits = _of(dat)
        out = tmp_path / dat.name
        flags = ["--split-channels"] if split else []
        assert peaks_command(str(source), "-o", str(out), "-z", str(zoom), "-b", str(bits), *flags) == 0
        assert out.read_bytes() == dat.read_bytes(), dat.name


@pytest.mark.parametrize("dat", PAIRS[::7], ids=lambda path: path.name)
def test_json_says_the_same(dat: Path) -> None:
    with dat.open("rb") as file:
        header = read_header(file)
        file.seek(0)
        text = "".join(as_json(file))
    assert text.startswith('{"version":2,"channels":')
    assert text.endswith("]}\n")
    read = json.loads(text)
    assert (read["sample_rate"], read["samples_per_pixel"]) == (header.rate, header.samples_per_pixel)
    assert (read["bits"], read["length"]) == (header.bits, header.length)
    width = header.bits // 8
    payload = b"".join(number.to_bytes(width, "little", signed=True) for number in read["data"])
    assert dat.read_bytes().endswith(payload)
    assert len(read["data"]) == 2 * header.channels * header.length
