"""Three books of the same calls, and how far each is from what two agree on."""

from collections import Counter
from pathlib import Path

from dialplan.journal import CDR_COLUMNS, CDR_FILE, CEL_COLUMNS, CEL_FILE
from pbx_bridge.demo.books import Book, Entry, asterisk_book, drift, sip_book
from pbx_bridge.demo.carrier import BookedCall

IN, MISSED, OUT = Entry("in", "0900", True), Entry("in", "0900", False), Entry("out", "+8190", True)


def book(*entries: Entry) -> Book:
    return Counter(entries)


def test_equal_books_do_not_drift() -> None:
    same = book(IN, OUT, OUT)
    assert drift(same, same, same) == {"sip": 0, "bridge": 0, "asterisk": 0}


def test_who_lacks_a_call_drifts_by_one() -> None:
    assert drift(book(IN, OUT), book(IN), book(IN, OUT)) == {"sip": 0, "bridge": 1, "asterisk": 0}


def test_who_has_a_call_twice_drifts_by_one() -> None:
    assert drift(book(IN), book(IN, IN), book(IN)) == {"sip": 0, "bridge": 1, "asterisk": 0}


def test_a_different_outcome_counts_on_both_sides() -> None:
    assert drift(book(IN), book(IN), book(MISSED)) == {"sip": 0, "bridge": 0, "asterisk": 2}


def test_a_call_only_one_knows_of_is_that_ones_drift() -> None:
    assert drift(book(), book(), book(OUT)) == {"sip": 0, "bridge": 0, "asterisk": 1}


def call(*, inbound: bool, number: str, answered: bool = True) -> BookedCall:
    dialed, caller = ("7001", number) if inbound else (number, "0300")
    return BookedCall(inbound, dialed, caller, answered, 0.0, 1.0)


def test_inbound_is_answered_when_an_agents_phone_took_it() -> None:
    carrier = [call(inbound=True, number="1"), call(inbound=True, number="2"), call(inbound=False, number="3")]
    assert sip_book(carrier, ["2"]) == book(Entry("in", "1", False), Entry("in", "2", True), Entry("out", "3", True))


def line(columns: tuple[tuple[str, str], ...], **values: str) -> str:
    return ",".join(f'"{values.get(name, "")}"' for name, _ in columns) + "\n"


def test_asterisks_files_become_one_entry_a_call(tmp_path: Path) -> None:
    for name in (CDR_FILE, CEL_FILE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    trunk, desk = "PJSIP/carrier-01", "PJSIP/1001-02"
    queue = {"boot": "b", "linkedid": "1.1", "uniqueid": "1.1", "src": "0900", "channel": trunk, "started_at": "10"}
    (tmp_path / CDR_FILE).write_text(
        line(CDR_COLUMNS, **queue, disposition="NO ANSWER", dst_channel="PJSIP/1002-03")
        + line(CDR_COLUMNS, **queue, disposition="ANSWERED", dst_channel=desk)
        + line(CDR_COLUMNS, boot="b", linkedid="2.1", uniqueid="2.1", channel=desk, dst="1002", started_at="11")
        + line(CDR_COLUMNS, **{**queue, "linkedid": "0.5", "started_at": "5"}, disposition="ANSWERED")
    )
    leg = {"boot": "b", "uniqueid": "attempt-abc", "linkedid": "9.1", "at": "12"}
    (tmp_path / CEL_FILE).write_text(
        line(CEL_COLUMNS, **leg, event="CHAN_START") + line(CEL_COLUMNS, **leg, event="ANSWER")
    )
    found = asterisk_book(tmp_path, since=9.0, attempts={"abc": "+8190"})
    assert found == book(IN, OUT)
