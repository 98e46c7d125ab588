"""The drawn states are the ones in the code."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_drawing_is_up_to_date() -> None:
    drawing = runpy.run_path(str(ROOT / "docs" / "states" / "draw.py"))
    assert (ROOT / "docs" / "states" / "agent.md").read_text(encoding="utf-8") == drawing["page"]()
