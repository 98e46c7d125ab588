"""Outbound: jobs, lines, attempts."""

from .campaigns import Campaigns

__all__ = ["Campaigns"]
