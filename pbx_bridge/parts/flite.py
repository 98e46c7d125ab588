"""Flite, a small speech synthesiser: the English sentences of the telephone."""

from pbx_bridge.parts.apt import Progress
from pbx_bridge.parts.tools import Program, find_program


def find_flite(progress: Progress) -> Program:
    """A flite that runs. PartUnavailable: none can be had; the line says how to get one."""
    return find_program(["flite"], "flite", "usr/bin/flite", "-lv", progress)
