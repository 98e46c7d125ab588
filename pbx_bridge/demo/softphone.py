"""SIP phones of one process on PJSIP (pjsua2). Only the farm process imports this.

PJSIP's facts that shape it: one Endpoint a process; the wheel is built for 4 calls and 8 accounts a process (more
assert and abort); no RTP flows and no digit leaves unless the call's media is connected both ways; a re-INVITE
(hold, transfer) gives the call new media, so mouth and ear are connected again each time.
"""

import time
from array import array
from collections.abc import Callable

import pjsua2 as pj

from . import wire
from .tones import level, share

RATE = 8000
CALLS = 4
ACCOUNTS = 8
_EAR_SAMPLES = RATE // 4
_SILENCE = array("h", [0] * (RATE // 50))
_GOODBYE_S = 0.5

Tell = Callable[[wire.Report], None]

_PROGRESS: dict[int, wire.Progress] = {
    pj.PJSIP_INV_STATE_CALLING: "calling",
    pj.PJSIP_INV_STATE_INCOMING: "incoming",
    pj.PJSIP_INV_STATE_EARLY: "early",
    pj.PJSIP_INV_STATE_CONNECTING: "connecting",
    pj.PJSIP_INV_STATE_CONFIRMED: "up",
    pj.PJSIP_INV_STATE_DISCONNECTED: "ended",
}


class Ear(pj.AudioMediaPort):
    """Keeps the last moments of what a call hears. Called from PJSIP's media clock, so it only copies."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._samples = array("h")
        shape = pj.MediaFormatAudio()
        shape.init(pj.PJMEDIA_FORMAT_PCM, RATE, 1, 20_000, 16)
        self.createPort(name, shape)

    def onFrameReceived(self, frame: pj.MediaFrame) -> None:  # noqa: N802 - PJSIP's name
        fresh = array("h", bytes(frame.buf)) or _SILENCE  # while the other side holds, frames are empty
        self._samples = (self._samples + fresh)[-_EAR_SAMPLES:]

    def heard(self, n: int, tones: list[int]) -> wire.Heard:
        samples = self._samples.tolist()
        return wire.Heard(n, len(samples) / RATE, level(samples), [share(samples, RATE, hz) for hz in tones])


class SoftCall(pj.Call):
    """One call with its mouth, ear and tape."""

    def __init__(self, phone: "SoftPhone", name: str, number: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(phone, number)
        self.name = name
        self.phone = phone
        self._mouth: pj.AudioMedia | None = None
        self._ear: Ear | None = None
        self._tape: pj.AudioMediaRecorder | None = None

    def onCallState(self, _: pj.OnCallStateParam) -> None:  # noqa: N802
        info = self.getInfo()
        progress = _PROGRESS.get(info.state)
        if progress is None:
            return
        self.phone.tell(wire.Changed(self.name, progress, info.lastStatusCode, info.lastReason, time.time()))
        if progress == "ended":
            self.phone.forget(self)

    def onCallMediaState(self, _: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        self._connect()

    def onCallTransferStatus(self, status: pj.OnCallTransferStatusParam) -> None:  # noqa: N802
        if status.statusCode // 100 == 2:  # RFC 5589: whoever transferred hangs up once the other side took over
            status.cont = False
            self.hangup(pj.CallOpParam(True))

    def onDtmfDigit(self, digit: pj.OnDtmfDigitParam) -> None:  # noqa: N802
        self.phone.tell(wire.Keyed(self.name, digit.digit))

    def _audio(self) -> pj.AudioMedia | None:
        info = self.getInfo()  # owns its media list: without a name it is freed while we read
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                return self.getAudioMedia(media.index)
        return None

    def _connect(self) -> None:
        audio = self._audio()
        if audio is None:
            return
        devices = pj.Endpoint.instance().audDevManager()
        devices.getCaptureDevMedia().startTransmit(audio)
        audio.startTransmit(devices.getPlaybackDevMedia())
        if self._mouth is not None:
            self._mouth.startTransmit(audio)
        for sink in (self._ear, self._tape):
            if sink is not None:
                audio.startTransmit(sink)

    def play(self, mouth: pj.AudioMedia | None) -> None:
        self._mouth = mouth  # dropping the old one takes it off the conference bridge
        self._connect()

    def record(self, path: str) -> None:
        tape = pj.AudioMediaRecorder()
        tape.createRecorder(path)
        self._tape = tape
        self._connect()

    def listen(self, n: int, tones: list[int]) -> wire.Heard:
        if self._ear is None:
            self._ear = Ear(self.name)
            self._connect()
        return self._ear.heard(n, tones)

    def hold(self, on: bool) -> None:
        param = pj.CallOpParam(True)
        audio = self._audio()
        if on:
            if self._mouth is not None and audio is not None:
                self._mouth.stopTransmit(audio)  # PJSIP would go on sending while it holds
            self.setHold(param)
        else:
            param.opt.flag = pj.PJSUA_CALL_UNHOLD
            self.reinvite(param)

    def silence(self) -> None:
        """Let go of all media ports, which PJSIP wants before its end."""
        self._mouth = self._ear = self._tape = None


class SoftPhone(pj.Account):
    """One account, registered or a peer, and its calls."""

    def __init__(self, name: str, tell: Tell, calls: dict[str, SoftCall], next_call: Callable[[], str]) -> None:
        super().__init__()
        self.name = name
        self.tell = tell
        self._calls = calls
        self._next_call = next_call

    def onRegState(self, param: pj.OnRegStateParam) -> None:  # noqa: N802
        self.tell(wire.Registration(self.name, self.getInfo().regIsActive, param.code, param.reason))

    def onIncomingCall(self, param: pj.OnIncomingCallParam) -> None:  # noqa: N802
        call = SoftCall(self, self._next_call(), param.callId)
        self._calls[call.name] = call
        info = call.getInfo()
        self.tell(wire.Incoming(self.name, call.name, _user(info.remoteUri), _user(info.localUri)))

    def forget(self, call: SoftCall) -> None:
        call.silence()
        self._calls.pop(call.name, None)


def _user(uri: str) -> str:
    """The user part of `"Name" <sip:user@host>`."""
    return uri.partition("sip:")[2].partition("@")[0]


def _player(wav: str) -> pj.AudioMediaPlayer:
    player = pj.AudioMediaPlayer()
    player.createPlayer(wav)
    return player


def _hum(hertz: int) -> pj.ToneGenerator:
    generator = pj.ToneGenerator()
    generator.createToneGenerator(RATE, 1)
    tone = pj.ToneDesc()
    tone.freq1, tone.freq2, tone.on_msec, tone.off_msec = hertz, 0, 1000, 0
    tones = pj.ToneDescVector()
    tones.append(tone)
    generator.play(tones, True)
    return generator


class Exchange:
    """The process's Endpoint and everything on it; carries out orders, raises `pj.Error` or `KeyError`."""

    def __init__(self, address: str, port: int, codecs: list[str], tell: Tell) -> None:
        """`codecs`: the beginnings of their names, the preferred one first."""
        self._address = address
        self._tell = tell
        self._phones: dict[str, SoftPhone] = {}
        self._calls: dict[str, SoftCall] = {}
        self._incoming = 0
        self._endpoint = pj.Endpoint()
        self._endpoint.libCreate()
        self._endpoint.libInit(_config())
        self._transports = {address: self._transport(address, port)}
        self._players: dict[str, pj.AudioMediaPlayer] = {}
        self._endpoint.libStart()
        self._endpoint.audDevManager().setNullDev()
        for codec in self._endpoint.codecEnum2():
            rank = next((n for n, name in enumerate(codecs) if codec.codecId.startswith(name)), 255)
            self._endpoint.codecSetPriority(codec.codecId, 255 - rank)
        self.address = self._endpoint.transportGetInfo(self._transports[address]).localName

    def poll(self, milliseconds: int) -> None:
        self._endpoint.libHandleEvents(milliseconds)

    def close(self) -> None:
        """Hang up, unregister and say so to the others; the process may end then (libDestroy takes seconds)."""
        self._endpoint.hangupAllCalls()
        registered = [phone for phone in self._phones.values() if phone.getInfo().regIsActive]
        for phone in registered:
            phone.setRegistration(False)
        end = time.monotonic() + _GOODBYE_S
        while time.monotonic() < end and (self._calls or any(p.getInfo().regIsActive for p in registered)):
            self.poll(10)

    def _transport(self, address: str, port: int = 0) -> int:
        transport = pj.TransportConfig()
        transport.boundAddress, transport.port = address, port
        number: int = self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        return number

    def _name_incoming(self) -> str:
        self._incoming += 1
        return f"in-{self._incoming}"

    def register(self, order: wire.Register) -> None:
        if len(self._phones) >= ACCOUNTS:
            raise KeyError(f"one farm process holds at most {ACCOUNTS} phones")
        config = pj.AccountConfig()
        host = order.registrar or self.address
        config.idUri = f'"{order.caller_name}" <sip:{order.user}@{host}>'
        if order.registrar:
            config.regConfig.registrarUri = f"sip:{order.registrar}"
            config.regConfig.timeoutSec = 300
            config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", order.user, 0, order.password))
        address = order.address or self._address
        if address not in self._transports:
            self._transports[address] = self._transport(address)
        config.sipConfig.transportId = self._transports[address]
        config.mediaConfig.transportConfig.boundAddress = address
        config.natConfig.contactRewriteUse = 0
        phone = SoftPhone(order.phone, self._tell, self._calls, self._name_incoming)
        phone.create(config, not order.registrar)
        self._phones[order.phone] = phone

    def dial(self, order: wire.Dial) -> None:
        call = SoftCall(self._phones[order.phone], order.call)
        param = pj.CallOpParam(True)
        if order.caller:
            param.txOption.localUri = f"<sip:{order.caller}@{self.address}>"
        self._calls[order.call] = call
        try:
            call.makeCall(order.target, param)
        except pj.Error:
            self._calls.pop(order.call, None)
            raise

    def transfer(self, order: wire.Transfer) -> None:
        call = self._calls[order.call]
        if order.onto:
            call.xferReplaces(self._calls[order.onto], pj.CallOpParam(True))
        else:
            call.xfer(order.target, pj.CallOpParam(True))

    def _mouth(self, order: wire.Play) -> pj.AudioMedia | None:
        if order.tone:
            return _hum(order.tone)
        if not order.wav:
            return None
        if not order.together:
            return _player(order.wav)
        if order.wav not in self._players:
            self._players[order.wav] = _player(order.wav)
        return self._players[order.wav]

    def obey(self, n: int, order: wire.Order) -> wire.Report:
        """Carry out one order and say so."""
        param = pj.CallOpParam(True)
        match order:
            case wire.Register():
                self.register(order)
            case wire.Unregister():
                self._phones[order.phone].setRegistration(False)
            case wire.Dial():
                self.dial(order)
            case wire.Answer():
                param.statusCode = order.code
                self._calls[order.call].answer(param)
            case wire.HangUp():
                if order.call in self._calls:  # else it ended meanwhile, which is what was wanted
                    param.statusCode = order.code
                    self._calls[order.call].hangup(param)
            case wire.Digits():
                self._calls[order.call].dialDtmf(order.digits)
            case wire.Play():
                self._calls[order.call].play(self._mouth(order))
            case wire.Hold():
                self._calls[order.call].hold(order.on)
            case wire.Transfer():
                self.transfer(order)
            case wire.Record():
                self._calls[order.call].record(order.path)
            case wire.Listen():
                return self._calls[order.call].listen(n, order.tones)
        return wire.Done(n)


def _config() -> pj.EpConfig:
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.maxCalls = CALLS
    config.uaConfig.userAgent = "pbx-bridge demo phone"
    config.logConfig.level = 0
    config.logConfig.consoleLevel = 0
    config.medConfig.noVad = True
    config.medConfig.clockRate = RATE
    config.medConfig.sndClockRate = RATE
    config.medConfig.ecTailLen = 0
    return config
