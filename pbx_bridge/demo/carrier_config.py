"""The configuration of the simulated carrier: a second, small Asterisk, since PJSIP's wheel stops at four calls.

What happens to a call is read from the number's own digits, so the same list always meets the same fate: the last
digit is the outcome, the one before it the seconds of ringing, the two before those a place in a table of talk times.
"""

from dataclasses import dataclass
from pathlib import Path
from random import Random

ANSWERS = "01234"
"""Last digits of numbers that answer and talk."""
SHORT = "5"
"""Answers, and hangs up after two seconds."""
BUSY = "6"
RINGS_OUT = "7"
DECLINES = "8"
"""Rings, then says no (603)."""
FAILS = "9"
"""503 at once."""

_MODULES = """
app_playtones app_verbose bridge_simple cdr_custom chan_pjsip codec_alaw codec_ulaw format_pcm format_wav
func_callerid func_cdr func_channel func_global func_logic func_math func_strings func_timeout
pbx_config pbx_spool res_cdrel_custom res_musiconhold res_pjproject res_pjsip res_pjsip_authenticator_digest
res_pjsip_caller_id res_pjsip_endpoint_identifier_ip res_pjsip_pubsub res_pjsip_rfc3326 res_pjsip_sdp_rtp
res_pjsip_session res_rtp_asterisk res_sorcery_astdb res_sorcery_config res_sorcery_memory res_timing_timerfd
"""


@dataclass(frozen=True)
class CarrierPlace:
    """Where the carrier stands and whom it serves; addresses of loopback."""

    address: str
    port: int
    pbx_address: str
    pbx_port: int
    voices: Path
    """A folder of 8 kHz WAV files: what customers say."""
    talk_median: float = 20.0
    """Seconds."""
    ring_out: float = 40.0
    seed: int = 1


def talk_times(median: float, seed: int) -> list[int]:
    """A hundred talk times in whole seconds, lognormal (sigma 0.6) and bounded to [median/4, median*4]."""
    random = Random(seed)  # noqa: S311 - a simulation that repeats itself
    return [round(min(median * 4, max(median / 4, median * random.lognormvariate(0.0, 0.6)))) for _ in range(100)]


def write_config(place: CarrierPlace, folder: Path) -> None:
    """All the files a carrier's Asterisk reads."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {
        "modules.conf": "[modules]\nautoload = no\n" + "".join(f"load = {module}.so\n" for module in _MODULES.split()),
        "pjsip.conf": _pjsip(place),
        "rtp.conf": "[general]\nrtpstart = 20000\nrtpend = 29999\nstrictrtp = no\n",
        "musiconhold.conf": f"[customers]\nmode = files\ndirectory = {place.voices}\nsort = random\n",
        "cdr.conf": "[general]\nenable = yes\nunanswered = yes\ncongestion = yes\n",
        "cdr_custom.conf": _CDR,
        "logger.conf": "[general]\n[logfiles]\nmessages.log = warning,error\n",
        "extensions.conf": _dialplan(place),
    }.items():
        (folder / name).write_text(text)


_CDR = (
    "[mappings]\nbook.csv => ${CDR(accountcode)},${CDR(src)},${CDR(start,u)},${CDR(answer,u)},"
    "${CDR(end,u)},${CDR(disposition)},${CDR(billsec,f)}\n"
)


def _pjsip(place: CarrierPlace) -> str:
    return f"""\
[global]
type = global
user_agent = pbx-bridge demo carrier

[loopback]
type = transport
protocol = udp
bind = {place.address}:{place.port}

[pbx]
type = endpoint
transport = loopback
context = from-pbx
disallow = all
allow = ulaw,alaw
aors = pbx
direct_media = no
media_address = {place.address}
bind_rtp_to_media_address = yes
send_pai = yes

[pbx]
type = aor
contact = sip:{place.pbx_address}:{place.pbx_port}

[pbx]
type = identify
endpoint = pbx
match = {place.pbx_address}
"""


def _dialplan(place: CarrierPlace) -> str:
    table = "".join(f"TALK_{i:02} = {seconds}\n" for i, seconds in enumerate(talk_times(place.talk_median, place.seed)))
    answers = "".join(f" same => n(d{digit}),NoOp()\n" for digit in ANSWERS)
    return f"""\
[globals]
{table}
[from-pbx]
; ${{EXTEN:-1}} decides, ${{EXTEN:-2:1}} rings, ${{EXTEN:-4:2}} talks
exten => _[+0-9].,1,Set(CDR(accountcode)=out-${{EXTEN}})
 same => n,Set(RING=$[1 + ${{EXTEN:-2:1}} * 8 / 10])
 same => n,Set(TALK=${{GLOBAL(TALK_${{EXTEN:-4:2}})}})
 same => n,Goto(d${{EXTEN:-1}})
{answers} same => n,Ringing()
 same => n,Wait(${{RING}})
 same => n,Answer()
 same => n,Goto(customer,${{TALK}},1)
 same => n(d{SHORT}),Ringing()
 same => n,Wait(${{RING}})
 same => n,Answer()
 same => n,Goto(customer,2,1)
 same => n(d{BUSY}),Hangup(17)
 same => n(d{RINGS_OUT}),Ringing()
 same => n,Wait({place.ring_out:.0f})
 same => n,Hangup(19)
 same => n(d{DECLINES}),Ringing()
 same => n,Wait(${{RING}})
 same => n,Hangup(21)
 same => n(d{FAILS}),Hangup(34)

[customer]
; speaks for EXTEN seconds unless the other side hangs up first
exten => _X!,1,Set(TIMEOUT(absolute)=${{EXTEN}})
 same => n,MusicOnHold(customers)
 same => n,Hangup(16)
exten => T,1,Hangup(16)
"""
