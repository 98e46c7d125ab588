"""Centers as people look after them: what the provision says, and who works there."""

from typing import Protocol

from msgspec import Struct

from pbx_bridge.core.ids import AgentId, CenterId
from pbx_bridge.core.treatment import Treatment


class CenterAgent(Struct, frozen=True):
    """`skill` (スキルレベル): 0 is asked first, a higher one when nobody below is free. app_queue calls it penalty."""

    agent: AgentId
    name: str
    login: str
    skill: int


class CenterRecord(Struct, frozen=True):
    """Seconds as the names say; of two centers with callers waiting, the higher priority is served first."""

    id: CenterId
    name: str
    extension: str
    numbers: list[str]
    priority: int
    strategy: str
    wrap_up_seconds: float
    service_level_seconds: float
    recording: bool
    treatment: Treatment
    agents: list[CenterAgent]
    keep_days: int | None = None
    """Of its recordings; None: as long as all others."""


class Centers(Protocol):
    async def centers(self) -> list[CenterRecord]:
        """By extension."""

    async def center(self, id: CenterId) -> CenterRecord | None: ...

    async def put_agent(self, center: CenterId, agent: AgentId, skill: int) -> bool:
        """Let an agent work there, or change the skill level; False: no such center, or nobody who takes calls."""

    async def remove_agent(self, center: CenterId, agent: AgentId) -> bool:
        """False: did not work there."""
