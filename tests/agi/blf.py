"""BLF keys of a desk phone: SUBSCRIBE to the dialog event package (RFC 4235) and keep what each NOTIFY says."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import md5
from typing import Literal, cast

from tests import exchange

Light = Literal["dark", "early", "confirmed", "held"]
"""What a key shows: `early` blinks (rings), `confirmed` is lit, `held` has Asterisk's mark for «on hold»."""

_REGISTRAR = (exchange.SIP, exchange.PORT)


class Keys(asyncio.DatagramProtocol):
    """The keys of one phone. `lights` is what each shows now, `seen` everything it ever showed."""

    def __init__(self, user: str, host: str) -> None:
        self.user, self._host = user, host
        self.lights: dict[str, Light] = {}
        self.seen: dict[str, list[Light]] = {}
        self._dialogs: dict[str, str] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        message = data.decode()
        if message.startswith("NOTIFY"):
            self._send(_answer(message))
            self._notified(message)
        elif message.startswith("SIP/2.0 401"):
            number = re.findall(r"^CSeq: (\d+)", message, re.M)[0]
            if number == "1":
                self._subscribe(self._dialogs[_header(message, "Call-ID")], message)

    def press(self, extension: str) -> None:
        """Put a key on an extension."""
        self._subscribe(extension, "")

    async def shows(self, extension: str, light: Light, within: float = 5.0) -> None:
        """Wait for a light."""
        try:
            async with asyncio.timeout(within):
                while self.lights.get(extension) != light:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"key {extension}: {self.seen.get(extension)}, wanted {light}") from None

    def _subscribe(self, extension: str, challenge: str) -> None:
        call = _header(challenge, "Call-ID") or secrets.token_hex(8)
        self._dialogs[call] = extension
        uri = f"sip:{extension}@{exchange.SIP}:{exchange.PORT}"
        assert self._transport is not None
        port = self._transport.get_extra_info("sockname")[1]
        lines = [
            f"SUBSCRIBE {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._host}:{port};branch=z9hG4bK{secrets.token_hex(6)};rport",
            f"From: <sip:{self.user}@{exchange.SIP}>;tag={call}",
            f"To: <{uri}>",
            f"Call-ID: {call}",
            f"CSeq: {2 if challenge else 1} SUBSCRIBE",
            f"Contact: <sip:{self.user}@{self._host}:{port}>",
            "Max-Forwards: 70",
            "Event: dialog",
            "Accept: application/dialog-info+xml",
            "Expires: 300",
            *([self._proof(uri, challenge)] if challenge else []),
            "Content-Length: 0",
        ]
        self._send("\r\n".join([*lines, "", ""]))

    def _proof(self, uri: str, challenge: str) -> str:
        """RFC 2617 digest, MD5 and qop=auth as Asterisk asks for."""
        asked = dict(re.findall(r'(\w+)="([^"]*)"', _header(challenge, "WWW-Authenticate")))
        realm, nonce, own = asked["realm"], asked["nonce"], secrets.token_hex(4)
        who = _md5(f"{self.user}:{realm}:secret-{self.user}")
        proof = _md5(f"{who}:{nonce}:00000001:{own}:auth:{_md5(f'SUBSCRIBE:{uri}')}")
        return (
            f'Authorization: Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{proof}", algorithm=MD5, qop=auth, nc=00000001, cnonce="{own}"'
            + (f', opaque="{asked["opaque"]}"' if "opaque" in asked else "")
        )

    def _notified(self, message: str) -> None:
        extension = self._dialogs[_header(message, "Call-ID")]
        state = re.search(r"<state>(\w+)</state>", message)
        light: Light = "dark"
        if state is not None and state[1] in ("early", "confirmed"):
            light = "early" if state[1] == "early" else "held" if "+sip.rendering" in message else "confirmed"
        self.lights[extension] = light
        self.seen.setdefault(extension, []).append(light)

    def _send(self, message: str) -> None:
        assert self._transport is not None
        self._transport.sendto(message.encode(), _REGISTRAR)


def _header(message: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.*?)\r?$", message, re.M | re.I)
    return found[1] if found else ""


def _answer(request: str) -> str:
    kept = re.findall(r"^(?:Via|From|To|Call-ID|CSeq): .*$", request.replace("\r", ""), re.M)
    return "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""])


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


@asynccontextmanager
async def keys(user: str) -> AsyncIterator[Keys]:
    """The keys of phone `user`, beside its line: a subscription needs no registration."""
    loop = asyncio.get_running_loop()
    transport, panel = await loop.create_datagram_endpoint(
        lambda: Keys(user, exchange.PHONES), local_addr=(exchange.PHONES, 0)
    )
    try:
        yield panel
    finally:
        transport.close()
