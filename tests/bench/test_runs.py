"""The benchmarks still fit the code they measure; what they measure is theirs to say."""

import pytest

from bench import ami, web


def test_ami(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami, "_EVENTS", 400)
    monkeypatch.setattr(ami, "_ROUNDS", 1)
    assert len(ami.run()) == 7


def test_a_page_of_the_web() -> None:
    ours = web.pages()[-1]
    assert ours["what"] == "ours, 50 rows"
