"""Counting over rolling windows."""

from hypothesis import given
from hypothesis import strategies as st

from pbx_bridge.core.pacing import DropLedger
from pbx_bridge.core.pacing.ledger import BUCKET

HOUR, DAY = 3600.0, 86_400.0


def test_counts_leave_with_their_window() -> None:
    ledger = DropLedger((HOUR, DAY))
    ledger.answered(0.0)
    ledger.dropped(0.0)
    ledger.answered(HOUR)
    assert ledger.counts(HOUR) == ((2, 1), (2, 1))
    assert ledger.counts(HOUR + 2 * BUCKET) == ((1, 0), (2, 1))
    assert ledger.counts(3 * DAY) == ((0, 0), (0, 0))


def test_a_drop_outlives_its_answer_and_still_has_one() -> None:
    ledger = DropLedger((HOUR,))
    ledger.answered(BUCKET - 1.0)
    ledger.dropped(BUCKET + 1.0)
    assert ledger.counts(BUCKET + HOUR + 1.0) == ((1, 1),)


@given(st.lists(st.tuples(st.floats(0.0, 2000.0), st.booleans()), max_size=60))
def test_a_window_holds_at_least_its_length_and_at_most_a_bucket_more(steps: list[tuple[float, bool]]) -> None:
    ledger = DropLedger((HOUR,))
    now, seen = 0.0, []
    for step, dropped in steps:
        now += step
        seen.append((now, dropped))
        ledger.answered(now)
        if dropped:
            ledger.dropped(now)
    ((answers, drops),) = ledger.counts(now)
    least = [dropped for at, dropped in seen if at > now - HOUR]
    most = [dropped for at, dropped in seen if at > now - HOUR - BUCKET]
    assert len(least) <= answers <= len(most)
    assert sum(least) <= drops <= sum(most)


def test_a_restored_ledger_counts_on() -> None:
    ledger, other = DropLedger((HOUR, DAY)), DropLedger((HOUR, DAY))
    for minute in range(0, 300, 7):
        ledger.answered(60.0 * minute)
        if minute % 3 == 0:
            ledger.dropped(60.0 * minute)
    other.restore(ledger.state())
    assert other.counts(18_500.0) == ledger.counts(18_500.0)


def test_a_clock_set_back_loses_no_drop() -> None:
    ledger = DropLedger((HOUR,))
    ledger.answered(5000.0)
    ledger.dropped(100.0)
    assert ledger.counts(5000.0) == ((1, 1),)
