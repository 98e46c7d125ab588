"""The live board: what people look at, from facts alone."""

import msgspec

from pbx_bridge.core import contexts, events
from pbx_bridge.core.board import AgentRow, CallRow, CenterRow, JobRow, Snapshot
from pbx_bridge.core.commands import ChangeStatus, JoinJob, PauseRecording, RaiseHand, SignIn, StartJob
from pbx_bridge.core.ids import AgentId, CallId, CenterId, TerminalId
from pbx_bridge.core.projection import Board
from pbx_bridge.core.recovery import CenterTotals, Recovery, SignedInAgent

from .scene import JOB, Scene, directory, in_state

ONE, TWO = AgentId(1), AgentId(2)


def shown(scene: Scene, recovery: Recovery | None = None) -> Board:
    board = Board(scene.board.index.directory, recovery or Recovery())
    board.apply(scene.facts)
    return board


def center(board: Board) -> CenterRow:
    return board.centers[CenterId(1)]


def agent(board: Board, id: AgentId = ONE) -> AgentRow:
    return board.agents[id]


def a_call(scene: Scene) -> tuple[events.Party, events.Party]:
    caller = scene.party("carrier", contexts.FROM_CARRIER, "0311110000", number="05012345678")
    scene.hear(events.NewChannel(caller), events.QueueCallerJoin(caller, "center-7001", 1))
    scene.now += 4
    return caller, scene.rings(caller, "1001")


def test_a_center_counts_its_agents_and_callers() -> None:
    scene = Scene(directory(2))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    scene.want(SignIn(TWO, TerminalId(2), "phone"))
    scene.want(ChangeStatus(TWO, "break", "phone"))
    caller, phone = a_call(scene)
    waiting = center(shown(scene))
    assert (waiting.available, waiting.away, waiting.waiting) == (1, 1, 1)
    assert waiting.oldest_wait_since == scene.now - 4
    assert agent(shown(scene)).condition == "ringing"
    scene.hear(events.QueueCallerLeave(caller, "center-7001"))
    scene.bridge("b", caller, in_state(phone, "Up"))
    talking = center(shown(scene))
    assert (talking.talking, talking.waiting, talking.answered, talking.within_service_level) == (1, 0, 1, 1)
    assert agent(shown(scene)).other_party == "05012345678"
    scene.hang_up(caller, "b")
    scene.hang_up(phone, "b")
    after = shown(scene)
    assert (center(after).wrap_up, center(after).abandoned) == (1, 0)
    assert agent(after).other_party == "05012345678"
    assert after.calls == {}


def test_whose_name_is_in_no_center_and_no_dial_group_is_no_member() -> None:
    whole = directory(2)
    one_center = msgspec.structs.replace(whole.centers[0], members=whole.centers[0].members[:1])
    nobodys_job = msgspec.structs.replace(whole.jobs[0], members=())
    board = Board(msgspec.structs.replace(whole, centers=(one_center,), jobs=(nobodys_job,)), Recovery())
    assert (agent(board, ONE).member, agent(board, TWO).member) == (True, False)
    deltas = board.reconfigure(whole)
    assert any(isinstance(delta.row, AgentRow) and delta.row.id == "2" and delta.row.member for delta in deltas)


def test_a_caller_who_gives_up_is_abandoned() -> None:
    scene = Scene(directory(1))
    caller, phone = a_call(scene)
    scene.hang_up(caller)
    scene.hang_up(phone)
    row = center(shown(scene))
    assert (row.waiting, row.abandoned, row.answered) == (0, 1, 0)


def test_each_change_is_one_numbered_delta_and_the_last_one_is_the_snapshot() -> None:
    scene = Scene(directory(2))
    board = Board(scene.board.index.directory, Recovery())
    rows: dict[tuple[str, str], object] = {}
    seq = board.seq

    def follow() -> None:
        nonlocal seq
        for delta in board.apply(scene.facts):
            seq += 1
            assert delta.seq == seq
            rows[delta.kind, delta.row.id] = delta.row
        scene.facts.clear()

    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    follow()
    caller, phone = a_call(scene)
    follow()
    scene.bridge("b", caller, in_state(phone, "Up"))
    follow()
    scene.want(RaiseHand(ONE))
    follow()
    snapshot: Snapshot = board.snapshot(scene.now)
    assert snapshot.seq == seq
    assert rows["agent", "1"] == snapshot.agents[0]
    assert rows["call", snapshot.calls[0].id] == snapshot.calls[0]
    assert snapshot.agents[0].hand_since == scene.now


def test_an_ended_call_is_told_as_ended() -> None:
    scene = Scene(directory(1))
    caller, phone = a_call(scene)
    board = Board(scene.board.index.directory, Recovery())
    board.apply(scene.facts)
    scene.facts.clear()
    scene.hang_up(phone)
    scene.hang_up(caller)
    gone = [delta.row for delta in board.apply(scene.facts) if isinstance(delta.row, CallRow)]
    assert gone[-1].ended


def test_a_job_shows_its_dials_and_its_limit() -> None:
    scene = Scene(directory(1))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    line = in_state(scene.party("1001", contexts.LINE), "Up")
    scene.hear(events.NewChannel(line))
    scene.want(JoinJob(ONE, JOB, line.uniqueid))
    scene.hear(events.UserEvent(contexts.LINE_WAITING, line, {}))
    scene.want(StartJob(JOB))
    scene.give_leads(3)
    row: JobRow = shown(scene).jobs[JOB]
    assert (row.running, row.on_line, row.ringing, row.attempts, row.dial_level) == (True, 1, 1, 1, 1.0)
    assert row.limit != ""


def test_a_restart_goes_on_with_todays_numbers() -> None:
    recovery = Recovery(
        agents=(SignedInAgent(ONE, TerminalId(1), "break", 5.0, condition="paused"),),
        totals=(CenterTotals(CenterId(1), answered=7, abandoned=2, within_service_level=6),),
    )
    board = Board(directory(2), recovery)
    assert (center(board).answered, center(board).abandoned, center(board).away) == (7, 2, 1)
    assert (agent(board).condition, agent(board).since, agent(board).extension) == ("paused", 5.0, "1001")


def test_an_agent_sees_whether_the_call_is_recorded() -> None:
    scene = Scene(directory(1))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    caller, phone = a_call(scene)
    scene.bridge("b", caller, in_state(phone, "Up"))
    assert agent(shown(scene)).recording == ""
    scene.hear(events.RecordingStarted(caller))
    assert agent(shown(scene)).recording == "on"
    call = shown(scene).agents[ONE].call
    scene.want(PauseRecording(CallId(call), "web", ONE, pause=True))
    assert agent(shown(scene)).recording == "paused"
    scene.want(PauseRecording(CallId(call), "web", ONE, pause=False))
    assert agent(shown(scene)).recording == "on"
    scene.hang_up(phone)
    scene.hang_up(caller)
    assert agent(shown(scene)).recording == ""


def test_a_colleague_who_is_called_sees_who_calls() -> None:
    scene = Scene(directory(2))
    for number in (1, 2):
        scene.want(SignIn(AgentId(number), TerminalId(number), "phone"))
    caller = scene.party("1001", contexts.TERMINALS, "1002", number="1001")
    scene.hear(events.NewChannel(caller))
    scene.rings(caller, "1002")
    rows = shown(scene).agents
    assert (rows[AgentId(1)].other_party, rows[AgentId(2)].other_party) == ("1002", "1001")
