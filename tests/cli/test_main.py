"""Bad input is one clear line and status 2, whatever the command; help costs nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from pbx_bridge.cli import COMMANDS, main

BAD = [
    [],
    ["fly"],
    ["demo", "--for", "soon"],
    ["demo", "--for", "0s"],
    ["demo", "--listen", "everywhere"],
    ["demo", "--report", "/nowhere/at/all.json"],
    ["up", "--config", "/nowhere.toml"],
    ["check", "--config", "/nowhere.toml"],
    ["peaks", "/nowhere.wav", "-o", "/nowhere.dat"],
]


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_bad_input_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(words)
    except SystemExit as ended:
        status = ended.code  # type: ignore[assignment]  # argparse ends by itself; its code is an int
    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("pbx-bridge")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[web\n", "not TOML"),
        ("port = 1\n", "outside any [section]"),
        ("[database]\ndsn = 'x'\n", "ami"),
        ("[web]\nprot = 1\n", "pbx-bridge.toml"),
    ],
)
def test_broken_settings_are_named(tmp_path: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pbx-bridge.toml"
    path.write_text(text)
    assert main(["up", "--config", str(path)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"pbx-bridge {command}" in capsys.readouterr().out


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from pbx_bridge.cli import main\ntry: main(['demo', '--help'])\nexcept SystemExit: pass\n"
    heavy = "print(sorted({'aiohttp', 'asyncpg', 'numpy', 'pjsua2'} & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code + heavy], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
