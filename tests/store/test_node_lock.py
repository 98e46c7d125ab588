"""Two bridges must not run under one name."""

import pytest

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.core.ids import NodeId
from pbx_bridge.store import node_lock as module
from pbx_bridge.store.node_lock import node_lock


async def test_a_second_bridge_of_the_same_name_is_refused(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.3)
    async with node_lock(dsn, NodeId("one")), node_lock(dsn, NodeId("two")):
        with pytest.raises(Misconfigured, match="another bridge runs as node 'one'"):
            async with node_lock(dsn, NodeId("one")):
                pass
    async with node_lock(dsn, NodeId("one")):
        pass
