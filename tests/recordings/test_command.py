"""`pbx-bridge peaks` with input it cannot use: one clear line, status 2, and no half file."""

import json
from pathlib import Path

import pytest

from tests.recordings.command import peaks_command
from tests.recordings.sounds import GOLDEN, noise


@pytest.mark.parametrize(
    ("source", "words", "reason"),
    [
        ("no.wav", [], "No such file"),
        ("text.wav", [], "not a sound file"),
        ("empty.wav", [], "ends inside"),
        ("nothing.raw", [], "no sound in it"),
        ("good.raw", ["-z", "1"], "invalid zoom 1"),
        ("good.raw", ["-z", str(2**31)], "invalid zoom"),
        ("good.raw", ["--raw-channels", "0"], "0 channels"),
        ("folder.wav", [], "directory"),
        ("good.raw", ["-o", "nowhere/x.dat"], "no folder nowhere"),
    ],
)
def test_bad_input_is_one_line(
    source: str, words: list[str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.wav").write_text("no sound " * 99)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "nothing.raw").touch()
    (tmp_path / "good.raw").write_bytes(noise(50, 2).tobytes())
    (tmp_path / "folder.wav").mkdir()
    out = tmp_path / "out" / "x.dat"
    out.parent.mkdir()
    assert peaks_command(str(tmp_path / source), "-o", str(out), *words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("pbx-bridge peaks: ")
    assert said.err.count("\n") == 1
    assert reason in said.err
    assert not any(out.parent.iterdir())
    assert not Path("nowhere").exists()


@pytest.mark.parametrize(("out", "reason"), [("x.png", ".dat or .json"), ("x", ".dat or .json")])
def test_an_output_of_no_known_kind(out: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert peaks_command(str(GOLDEN / "mono.wav"), "-o", str(tmp_path / out)) == 2
    assert reason in capsys.readouterr().err
    assert peaks_command(str(GOLDEN / "mono.wav"), "-o", str(tmp_path / out), "--output-format", "dat") == 0
    assert (tmp_path / out).read_bytes() == (GOLDEN / "mono.wav.z256.b16.dat").read_bytes()


def test_several_files_need_a_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(GOLDEN / "mono.wav"), str(GOLDEN / "alaw.wav")]
    assert peaks_command(*files, "-o", str(tmp_path / "x.dat")) == 2
    assert "not a directory" in capsys.readouterr().err
    assert peaks_command(*files, files[0], "-o", str(tmp_path)) == 2
    assert "same name" in capsys.readouterr().err
    assert peaks_command(*files, "-o", str(tmp_path), "-b", "8") == 0
    for name in ("mono.wav", "alaw.wav"):
        assert (tmp_path / f"{name}.dat").read_bytes() == (GOLDEN / f"{name}.z256.b8.dat").read_bytes()
    assert capsys.readouterr().err == ""  # no terminal, no progress


def test_the_file_itself_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "x.wav"
    source.write_bytes((GOLDEN / "mono.wav").read_bytes())
    assert peaks_command(str(source), "-o", str(source), "--output-format", "dat") == 2
    assert "the FILE itself" in capsys.readouterr().err
    assert source.read_bytes() == (GOLDEN / "mono.wav").read_bytes()


def test_json_by_suffix(tmp_path: Path) -> None:
    out = tmp_path / "x.json"
    assert peaks_command(str(GOLDEN / "stereo.wav"), "-o", str(out), "-b", "8", "--split-channels") == 0
    read = json.loads(out.read_text())
    assert (read["version"], read["channels"], read["length"]) == (2, 2, 157)


def test_progress_on_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert peaks_command(str(GOLDEN / "mono.wav"), "-o", str(tmp_path / "x.dat")) == 0
    assert capsys.readouterr().err.endswith("\rmono.wav: 100 %\n")
    assert peaks_command(str(GOLDEN / "mono.wav"), "-o", str(tmp_path / "x.dat"), "-q") == 0
    assert capsys.readouterr().err == ""
