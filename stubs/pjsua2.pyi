"""The part of pjsua2 2.15 that the demo's phones use; the wheel itself carries no types."""

from collections.abc import Iterator

PJSIP_TRANSPORT_UDP: int
PJSIP_INV_STATE_CALLING: int
PJSIP_INV_STATE_INCOMING: int
PJSIP_INV_STATE_EARLY: int
PJSIP_INV_STATE_CONNECTING: int
PJSIP_INV_STATE_CONFIRMED: int
PJSIP_INV_STATE_DISCONNECTED: int
PJMEDIA_TYPE_AUDIO: int
PJMEDIA_FORMAT_PCM: int
PJSUA_CALL_MEDIA_ACTIVE: int
PJSUA_CALL_UNHOLD: int
PJSUA_INVALID_ID: int

class Error(Exception):
    reason: str

class ByteVector:
    def __iter__(self) -> Iterator[int]: ...

class MediaFrame:
    buf: ByteVector

class MediaFormatAudio:
    def init(self, format: int, rate: int, channels: int, frame_us: int, bits: int) -> None: ...

class AudioMedia:
    def startTransmit(self, sink: AudioMedia) -> None: ...
    def stopTransmit(self, sink: AudioMedia) -> None: ...

class AudioMediaPort(AudioMedia):
    def createPort(self, name: str, format: MediaFormatAudio) -> None: ...

class AudioMediaPlayer(AudioMedia):
    def createPlayer(self, path: str, options: int = 0) -> None: ...

class AudioMediaRecorder(AudioMedia):
    def createRecorder(self, path: str) -> None: ...

class ToneDesc:
    freq1: int
    freq2: int
    on_msec: int
    off_msec: int

class ToneDescVector:
    def append(self, tone: ToneDesc) -> None: ...

class ToneGenerator(AudioMedia):
    def createToneGenerator(self, rate: int, channels: int) -> None: ...
    def play(self, tones: ToneDescVector, loop: bool) -> None: ...

class CallSetting:
    flag: int

class SipTxOption:
    localUri: str

class CallOpParam:
    statusCode: int
    opt: CallSetting
    txOption: SipTxOption
    def __init__(self, use_default_setting: bool = False) -> None: ...

class CallMediaInfo:
    index: int
    type: int
    status: int

class CallInfo:
    state: int
    lastStatusCode: int
    lastReason: str
    localUri: str
    remoteUri: str
    media: list[CallMediaInfo]

class OnCallStateParam: ...
class OnCallMediaStateParam: ...

class OnCallTransferStatusParam:
    statusCode: int
    cont: bool

class OnDtmfDigitParam:
    digit: str

class OnRegStateParam:
    code: int
    reason: str

class OnIncomingCallParam:
    callId: int

class Call:
    def __init__(self, account: Account, call_id: int = ...) -> None: ...
    def getInfo(self) -> CallInfo: ...
    def getAudioMedia(self, index: int) -> AudioMedia: ...
    def makeCall(self, uri: str, param: CallOpParam) -> None: ...
    def answer(self, param: CallOpParam) -> None: ...
    def hangup(self, param: CallOpParam) -> None: ...
    def dialDtmf(self, digits: str) -> None: ...
    def setHold(self, param: CallOpParam) -> None: ...
    def reinvite(self, param: CallOpParam) -> None: ...
    def xfer(self, uri: str, param: CallOpParam) -> None: ...
    def xferReplaces(self, other: Call, param: CallOpParam) -> None: ...

class AuthCredInfo:
    def __init__(self, scheme: str, realm: str, user: str, data_type: int, data: str) -> None: ...

class AuthCredInfoVector:
    def append(self, credentials: AuthCredInfo) -> None: ...

class AccountRegConfig:
    registrarUri: str
    timeoutSec: int

class AccountSipConfig:
    authCreds: AuthCredInfoVector
    transportId: int

class TransportConfig:
    boundAddress: str
    port: int

class AccountMediaConfig:
    transportConfig: TransportConfig

class AccountNatConfig:
    contactRewriteUse: int

class AccountConfig:
    idUri: str
    regConfig: AccountRegConfig
    sipConfig: AccountSipConfig
    mediaConfig: AccountMediaConfig
    natConfig: AccountNatConfig

class AccountInfo:
    regIsActive: bool

class Account:
    def create(self, config: AccountConfig, make_default: bool = False) -> None: ...
    def getInfo(self) -> AccountInfo: ...
    def setRegistration(self, renew: bool) -> None: ...
    def shutdown(self) -> None: ...

class UaConfig:
    threadCnt: int
    mainThreadOnly: bool
    maxCalls: int
    userAgent: str

class LogConfig:
    level: int
    consoleLevel: int

class MediaConfig:
    noVad: bool
    clockRate: int
    sndClockRate: int
    ecTailLen: int

class EpConfig:
    uaConfig: UaConfig
    logConfig: LogConfig
    medConfig: MediaConfig

class CodecInfo:
    codecId: str

class TransportInfo:
    localName: str

class AudDevManager:
    def setNullDev(self) -> None: ...
    def getCaptureDevMedia(self) -> AudioMedia: ...
    def getPlaybackDevMedia(self) -> AudioMedia: ...

class Endpoint:
    @staticmethod
    def instance() -> Endpoint: ...
    def libCreate(self) -> None: ...
    def libInit(self, config: EpConfig) -> None: ...
    def libStart(self) -> None: ...
    def libDestroy(self) -> None: ...
    def libHandleEvents(self, milliseconds: int) -> int: ...
    def transportCreate(self, type: int, config: TransportConfig) -> int: ...
    def transportGetInfo(self, id: int) -> TransportInfo: ...
    def audDevManager(self) -> AudDevManager: ...
    def hangupAllCalls(self) -> None: ...
    def codecEnum2(self) -> list[CodecInfo]: ...
    def codecSetPriority(self, codec: str, priority: int) -> None: ...
