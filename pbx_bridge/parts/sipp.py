"""SIPp, the SIP load generator: carriers and customers by the hundred."""

from pbx_bridge.parts.apt import Progress
from pbx_bridge.parts.tools import Program, find_program


def find_sipp(progress: Progress) -> Program:
    """A SIPp that runs. PartUnavailable: none can be had; the line says how to get one."""
    return find_program(["sipp"], "sip-tester", "usr/bin/sipp", "-v", progress)
