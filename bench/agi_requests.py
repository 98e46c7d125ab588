"""What Asterisk says at the start of a call, for the FastAGI bench."""

import time
from typing import Final

from agi.token import keys, sign

KEYS: Final = keys(b"bench")
"""The gate's, in the server under test."""

_REQUEST = """\
agi_network: yes
agi_network_script: {script}
agi_request: agi://127.0.0.1:4573/{script}
agi_channel: PJSIP/1001-00000003
agi_language: ja
agi_type: PJSIP
agi_uniqueid: {uniqueid}
agi_version: 22.10.1
agi_callerid: 1001
agi_calleridname: Sato
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: 0010
agi_rdnis: unknown
agi_context: terminals
agi_extension: 0010
agi_priority: 3
agi_enhanced: 0.0
agi_accountcode:{space}
agi_threadid: 140000000000000

"""


def requests(count: int, *, signed: bool) -> bytes:
    """One request for each of so many calls; signed ones with a token that is good for this call, once."""
    until = int(time.time()) + 60
    calls = [f"{time.time_ns()}.{n}" for n in range(count)]
    return "".join(
        _request(call, f"?token={sign(KEYS, 'bench', call, until)}" if signed else "") for call in calls
    ).encode()


def _request(uniqueid: str, query: str) -> str:
    return _REQUEST.format(script=f"bench{query}", uniqueid=uniqueid, space=" ")
