"""Which desk phones can be reached."""

from pbx_bridge.core.events import ContactStatus, Seed
from pbx_bridge.core.facts import TerminalReachable
from pbx_bridge.core.ids import BootId, TerminalId

from .scene import Scene, directory

OLD, NEW = "sip:1001@192.0.2.7:5060", "sip:1001@192.0.2.7:40712"


def _reachable(scene: Scene) -> bool:
    return scene.board.reachable[TerminalId(1)]


def test_a_phone_that_moved_to_another_port_stays_reachable() -> None:
    scene = Scene(directory(1))
    for uri, status in (
        (OLD, "Reachable"),
        (NEW, "Created"),
        (NEW, "Reachable"),
        (OLD, "Unreachable"),
        (OLD, "Removed"),
    ):
        scene.hear(ContactStatus("1001", uri, status))
    assert _reachable(scene)
    assert [fact.reachable for fact in scene.told(TerminalReachable)] == [False, True]
    scene.hear(ContactStatus("1001", NEW, "Removed"))
    assert not _reachable(scene)


def test_a_phone_seen_in_a_seed_may_go_or_move() -> None:
    seed = Seed(BootId("boot"), (), (), (), (), (ContactStatus("1001", "", "Reachable"),))
    scene = Scene(directory(1), seeded=False)
    scene.hear(seed)
    assert _reachable(scene)
    scene.hear(ContactStatus("1001", OLD, "Unreachable"))
    assert not _reachable(scene)
    scene.hear(seed, ContactStatus("1001", NEW, "Reachable"), ContactStatus("1001", OLD, "Removed"))
    assert _reachable(scene)
