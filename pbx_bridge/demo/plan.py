"""Where the demo's parts stand: addresses and ports, each settable, so that two demos fit one machine."""

import errno
import socket
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from pbx_bridge.core.errors import Misconfigured


class Plan(Struct, frozen=True):
    """Addresses are loopback unless `listen` says otherwise. Ports of 0: any free one."""

    data: Path
    sip_address: str = "127.0.0.1"
    web_address: str = "127.0.0.1"
    carrier_address: str = "127.0.0.2"
    phones_address: str = "127.0.0.3"
    web_port: int = 8080
    sip_port: int = 5060
    ami_port: int = 5038
    agi_port: int = 4573
    carrier_port: int = 5060
    pg_port: int = 0
    dsn: str = ""
    """Somebody else's PostgreSQL instead of our own."""
    seed: int = 1

    @property
    def etc(self) -> Path:
        """Asterisk's configuration."""
        return self.data / "etc"

    @property
    def asterisk(self) -> Path:
        """All that Asterisk writes but recordings."""
        return self.data / "asterisk"

    @property
    def spool(self) -> Path:
        return self.data / "spool"

    @property
    def vault(self) -> Path:
        return self.data / "vault"

    @property
    def settings(self) -> Path:
        return self.data / "pbx-bridge.toml"

    @property
    def description(self) -> Path:
        return self.data / "demo.json"

    @property
    def sip(self) -> str:
        return f"{self.sip_address}:{self.sip_port}"

    @property
    def web(self) -> str:
        return f"http://{self.web_address}:{self.web_port}"


_PORTS = ("web", "sip", "ami", "agi", "carrier", "pg")


def from_environment(data: Path, environment: Mapping[str, str], listen: str = "") -> Plan:
    """`PBX_WEB_PORT`, `PBX_SIP_PORT` … `PBX_CARRIER_PORT` (as the SIP port unless given), `PBX_CARRIER_ADDRESS`,
    `PBX_DATABASE_DSN`. Raises `Misconfigured`."""
    ports = {f"{part}_port": _port(f"PBX_{part.upper()}_PORT", environment) for part in _PORTS}
    given = {name: port for name, port in ports.items() if port is not None}
    given.setdefault("carrier_port", given.get("sip_port", Plan(data).sip_port))
    plan = msgspec.structs.replace(Plan(data.absolute(), dsn=environment.get("PBX_DATABASE_DSN", "")), **given)
    if carrier := environment.get("PBX_CARRIER_ADDRESS"):
        plan = msgspec.structs.replace(plan, carrier_address=carrier)
    if listen:
        plan = msgspec.structs.replace(plan, sip_address=listen, web_address=listen, phones_address=listen)
    return plan


def _port(name: str, environment: Mapping[str, str]) -> int | None:
    text = environment.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Misconfigured(f"{name}={text!r}: a port is a number from 1 to 65535")
    return int(text)


def refuse_taken(plan: Plan, *, carrier: bool) -> None:
    """Raises `Misconfigured`, naming the port and the variable that moves it, before anything has been started."""
    udp, tcp = socket.SOCK_DGRAM, socket.SOCK_STREAM
    wanted = [
        ("PBX_WEB_PORT", plan.web_address, plan.web_port, tcp),
        ("PBX_SIP_PORT", plan.sip_address, plan.sip_port, udp),
        ("PBX_AMI_PORT", "127.0.0.1", plan.ami_port, tcp),
        ("PBX_AGI_PORT", "127.0.0.1", plan.agi_port, tcp),
    ]
    if carrier:
        wanted.append(("PBX_CARRIER_PORT", plan.carrier_address, plan.carrier_port, udp))
    if plan.pg_port and not plan.dsn:
        wanted.append(("PBX_PG_PORT", "127.0.0.1", plan.pg_port, tcp))
    for variable, address, port, kind in wanted:
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == tcp:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what a server does: TIME_WAIT is no user
            try:
                probe.bind((address, port))
            except OSError as error:
                mend = f"choose another with {variable}"
                if error.errno == errno.EADDRNOTAVAIL:
                    mend = "it is no address of this machine"
                raise Misconfigured(f"cannot listen on {address} port {port}: {error.strerror}; {mend}") from None
