"""Pictures of people, small enough for a row."""

from typing import Final, Literal, Protocol

from msgspec import Struct

from pbx_bridge.core.ids import AgentId

IconType = Literal["image/jpeg", "image/png", "image/gif"]
ICON_BYTES: Final = 1_048_576
"""The largest that is kept."""


class Icon(Struct, frozen=True):
    """`media_type` is what the bytes themselves say, never what somebody called them."""

    media_type: IconType
    body: bytes


class Icons(Protocol):
    """One an account. `Account.icon` changes with the bytes and is empty without any."""

    async def find(self, account: AgentId) -> Icon | None: ...
    async def put(self, account: AgentId, icon: Icon) -> None: ...
    async def remove(self, account: AgentId) -> None: ...
