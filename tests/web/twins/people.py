"""Accounts, sessions, lock-outs, the audit trail and pictures."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from pbx_bridge.core.directory import Language
from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.accounts import Account, LoginKind, Secret, Session
from pbx_bridge.ports.history import (
    AuditRecord,
)
from pbx_bridge.ports.icons import Icon


class AccountsTwin:
    def __init__(self, secrets: list[Secret]) -> None:
        self.secrets = {secret.account.id: secret for secret in secrets}
        self.dial_hashes: dict[AgentId, str] = {}

    async def by_id(self, id: AgentId) -> Account | None:
        secret = self.secrets.get(id)
        return secret.account if secret else None

    async def by_login(self, login: str) -> Secret | None:
        return next((secret for secret in self.secrets.values() if secret.account.login == login), None)

    async def by_dial_id(self, dial_id: str) -> Secret | None:
        return next((secret for secret in self.secrets.values() if secret.account.dial_id == dial_id), None)

    async def all(self) -> list[Account]:
        return [secret.account for secret in self.secrets.values()]

    def rename_icon(self, id: AgentId, icon: str) -> None:
        secret = self.secrets[id]
        self.secrets[id] = Secret(replace(secret.account, icon=icon), secret.hash)

    async def set_password(self, id: AgentId, hash: str) -> None:
        account = replace(self.secrets[id].account, password_changed_at=datetime.now(UTC))
        self.secrets[id] = Secret(account, hash)

    async def set_dial_operation(self, id: AgentId, dial_id: str, hash: str) -> None:
        self.dial_hashes[id] = hash
        self.secrets[id] = replace(self.secrets[id], account=replace(self.secrets[id].account, dial_id=dial_id))

    async def update(self, id: AgentId, *, name: str | None, language: Language | None, seat: str | None) -> None:
        account = self.secrets[id].account
        changed = replace(
            account,
            name=account.name if name is None else name,
            language=account.language if language is None else language,
            seat=account.seat if seat is None else seat,
        )
        self.secrets[id] = replace(self.secrets[id], account=changed)


class SessionsTwin:
    def __init__(self, accounts: AccountsTwin) -> None:
        self._accounts = accounts
        self.open_ones: dict[bytes, tuple[AgentId, str, float, datetime]] = {}

    async def open(self, account: AgentId, token_hash: bytes, csrf: str, address: str, idle_seconds: float) -> None:
        until = datetime.now(UTC) + timedelta(seconds=idle_seconds)
        self.open_ones[token_hash] = (account, csrf, idle_seconds, until)

    async def find(self, token_hash: bytes) -> Session | None:
        found = self.open_ones.get(token_hash)
        if found is None or found[3] <= datetime.now(UTC):
            return None
        until = datetime.now(UTC) + timedelta(seconds=found[2])
        self.open_ones[token_hash] = (*found[:3], until)
        account = await self._accounts.by_id(found[0])
        return Session(account, found[1], until) if account else None

    async def close(self, token_hash: bytes) -> None:
        self.open_ones.pop(token_hash, None)

    async def close_others(self, account: AgentId, token_hash: bytes | None) -> list[bytes]:
        gone = [known for known, found in self.open_ones.items() if found[0] == account and known != token_hash]
        for known in gone:
            del self.open_ones[known]
        return gone


class LockoutsTwin:
    def __init__(self, limit: int = 5) -> None:
        self.limit = limit
        self.tries: dict[str, int] = {}
        self.wins: list[str] = []

    async def locked_seconds(self, kind: LoginKind, identity: str, origin: str) -> float:
        return 60.0 if self.tries.get(identity, 0) >= self.limit else 0.0

    async def failed(self, kind: LoginKind, identity: str, origin: str, account: AgentId | None) -> None:
        self.tries[identity] = self.tries.get(identity, 0) + 1

    async def succeeded(self, kind: LoginKind, identity: str, origin: str, account: AgentId) -> None:
        self.tries.pop(identity, None)
        self.wins.append(identity)


class AuditTwin:
    def __init__(self) -> None:
        self.rows: list[AuditRecord] = []

    async def note(self, actor: AgentId | None, act: str, target: str, detail: dict[str, str], origin: str) -> None:
        row = AuditRecord(str(len(self.rows) + 1), datetime.now(UTC), str(actor or ""), act, target, origin, detail)
        self.rows.insert(0, row)


class IconsTwin:
    def __init__(self, accounts: AccountsTwin) -> None:
        self._accounts = accounts
        self.icons: dict[AgentId, Icon] = {}

    async def find(self, account: AgentId) -> Icon | None:
        return self.icons.get(account)

    async def put(self, account: AgentId, icon: Icon) -> None:
        self.icons[account] = icon
        self._accounts.rename_icon(account, f"{len(icon.body):x}")

    async def remove(self, account: AgentId) -> None:
        self.icons.pop(account, None)
        self._accounts.rename_icon(account, "")


class ProverTwin:
    """Cheap on purpose: argon2id has its own tests."""

    async def hash(self, secret: str) -> str:
        return "plain:" + secret

    async def verify(self, hash: str | None, secret: str) -> bool:
        return hash == "plain:" + secret
