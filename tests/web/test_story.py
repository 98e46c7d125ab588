"""A call's story as stretches, spans and marks over its waveform."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from pbx_bridge.core.facts import Direction
from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.history import CallRecord, CallStep, CallStory, RecordingRecord
from web.context import WebPorts
from web.pages.call import Scale, Segment, Span, Transfer, segments, spans, transfers

from .conftest import Enter
from .twins.calls import HistoriesTwin

BEGUN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def story(*steps: tuple[float, str, str], direction: Direction = "inbound", ends: float = 9.0) -> CallStory:
    """Of a call without a recording: it stands in its own seconds."""
    call = CallRecord(
        CallId("0demo0call00"), direction, "09012345678", "7001", BEGUN, None,
        BEGUN + timedelta(seconds=ends), None, None, None, None, None, None, None, "", False,
    )  # fmt: skip
    return CallStory(
        call, [CallStep(BEGUN + timedelta(seconds=at), kind, None, text) for at, kind, text in steps], None
    )


def test_stretches_follow_one_another_without_a_gap() -> None:
    told = story(
        (0, "arrived", ""), (2, "queued", "1"), (3, "offered", ""), (5, "answered", ""), (9, "held", ""), ends=12.0
    )
    assert segments(told, Scale(told)) == [
        Segment("arriving", 0.0, 2.0),
        Segment("waiting", 2.0, 3.0),
        Segment("ringing", 3.0, 5.0),
        Segment("talking", 5.0, 9.0),
        Segment("held", 9.0, 12.0),
    ]


def test_a_call_we_place_begins_by_dialing() -> None:
    placed: tuple[Direction, ...] = ("outbound", "campaign", "internal")
    for direction in placed:
        told = story((0, "arrived", ""), (4, "answered", ""), direction=direction)
        assert segments(told, Scale(told)) == [Segment("dialing", 0.0, 4.0), Segment("talking", 4.0, 9.0)]


def test_an_agent_who_joins_does_not_cut_the_talk_in_two() -> None:
    told = story((1, "answered", ""), (4, "joined", ""), (6, "recording_paused", "web"))
    assert [segment.kind for segment in segments(told, Scale(told))] == ["arriving", "talking"]


def test_pauses_are_spans_and_an_open_one_lasts_to_the_end() -> None:
    told = story((2, "recording_paused", "web"), (4, "recording_resumed", "system"), (6, "recording_paused", "phone"))
    assert spans(told, Scale(told)) == [Span("paused", 2.0, 4.0), Span("paused", 6.0, 9.0)]


def test_monitoring_and_pauses_may_overlap() -> None:
    told = story(
        (1, "monitored", ""), (2, "recording_paused", ""), (3, "unmonitored", ""), (5, "recording_resumed", "")
    )
    assert sorted(spans(told, Scale(told)), key=lambda span: span.start) == [
        Span("monitored", 1.0, 3.0),
        Span("paused", 2.0, 5.0),
    ]


def test_a_transfer_stands_with_its_target() -> None:
    told = story((3, "blind_transfer", "+81312345678"))
    assert transfers(told, Scale(told)) == [Transfer("blind_transfer", 3.0, "0312345678")]


def test_what_came_before_the_sound_is_negative() -> None:
    told = story((0, "arrived", ""), (2, "queued", "1"), (5, "answered", ""), (6, "recording_paused", "web"))
    recording = RecordingRecord(told.call.id, "ready", "x.flac", BEGUN + timedelta(seconds=5), 4.0, 8000, 2, 999, [])
    told = replace(told, recording=recording)
    scale = Scale(told)
    assert (scale.begins, scale.ends) == (-5.0, 4.0)
    assert [(stretch.kind, stretch.start) for stretch in segments(told, scale)] == [
        ("arriving", -5.0), ("waiting", -3.0), ("talking", 0.0),
    ]  # fmt: skip
    assert spans(told, scale) == [Span("paused", 1.0, 4.0)]


async def test_what_the_recorder_has_just_left_can_be_heard(enter: Enter, twins: WebPorts) -> None:
    """Its row knows no length yet; its file does."""
    assert isinstance(twins.histories, HistoriesTwin)
    call = CallId("0demo0call00")
    whole = twins.histories.stories[call]
    assert whole.recording is not None
    fresh = replace(whole.recording, state="spooled", seconds=None)
    twins.histories.stories[call] = replace(whole, recording=fresh)
    page = await (await (await enter("agent")).client.get(f"/calls/{call}")).text()
    assert '"recorded":84.0,"played_as":"wav"' in page
    assert "data-silent" not in page


async def test_no_step_is_shown_in_the_words_of_the_machine(enter: Enter) -> None:
    visitor = await enter("supervisor")
    text = await (await visitor.client.get("/calls/0demo0call00")).text()
    for shown in ("録音を一時停止", "録音を再開", "モニタリング開始", "転送", "応答後"):
        assert shown in text
    for raw in ("recording_paused</span>", ">blind_transfer<", '<span class="muted">web</span>', ">answered</span>"):
        assert raw not in text


async def test_a_call_without_a_conversation_has_no_failed_recording(enter: Enter, twins: WebPorts) -> None:
    assert isinstance(twins.histories, HistoriesTwin)
    call = CallId("0demo0call00")
    whole = twins.histories.stories[call]
    assert whole.recording is not None
    nothing = replace(whole.recording, state="failed", seconds=None, flags=["nobody was put through"])
    given_up = replace(whole.call, result="abandoned", answered_at=None, talked_seconds=None, has_recording=False)
    twins.histories.stories[call] = replace(whole, call=given_up, recording=nothing)
    client = (await enter("supervisor")).client
    page = await (await client.get(f"/calls/{call}")).text()
    assert "会話がなかったため、録音はありません" in page
    assert "nobody was put through" not in page
    twins.histories.stories[call] = replace(whole, recording=replace(nothing, flags=["short"]))
    page = await (await client.get(f"/calls/{call}")).text()
    assert ">録音に失敗しました<" in page
    assert "通話より短い録音" in page
