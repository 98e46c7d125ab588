"""What a new password must be. Lengths instead of recipes (NIST SP 800-63B); dial passwords are digits."""

import secrets
from datetime import datetime, timedelta
from itertools import pairwise

from pbx_bridge.ports.accounts import Account

from .context import Visit
from .problems import FieldError, Problem

WEB_MINIMUM = 12
DIAL_MINIMUM = 6
DIAL_MAXIMUM = 16


def check_web_password(account: Account, new: str) -> None:
    """Raises Problem `invalid` at `new`."""
    name = account.login.partition("@")[0]
    if not WEB_MINIMUM <= len(new) <= 200:
        raise _bad("new", "too-short")
    if len(set(new)) < 5 or (len(name) > 3 and name in new.lower()):
        raise _bad("new", "too-simple")


def check_dial_password(account: Account, new: str) -> None:
    """At least six digits, no run, no single digit, not the account's own numbers."""
    if not (new.isascii() and new.isdigit() and DIAL_MINIMUM <= len(new) <= DIAL_MAXIMUM):
        raise _bad("password", "digits")
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(new)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        raise _bad("password", "too-simple")
    if any(own and own in new for own in (account.dial_id, account.extension)):
        raise _bad("password", "own-number")


def new_dial_password(account: Account) -> str:
    """A random one that passes the rules."""
    while True:
        candidate = "".join(secrets.choice("0123456789") for _ in range(8))
        try:
            check_dial_password(account, candidate)
        except Problem:
            continue
        return candidate


def password_expires(visit: Visit) -> datetime:
    """When the web password is due; long ago for one that somebody else chose."""
    return visit.account.password_changed_at + timedelta(days=visit.settings.password_days)


def _bad(field: str, reason: str) -> Problem:
    return Problem("invalid", errors=(FieldError(field, reason),))
