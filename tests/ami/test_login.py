"""The challenge login, without a socket."""

from hashlib import md5

import pytest

from pbx_bridge.ami.login import Account, login
from pbx_bridge.ami.message import Message
from pbx_bridge.core.errors import Rejected


def test_the_secret_is_never_sent() -> None:
    steps = login(Account("observer", "s3cret"))
    assert next(steps) == ("Challenge", [("AuthType", "MD5")])
    name, headers = steps.send(Message(b"Response: Success\r\nChallenge: 4711"))
    assert name == "Login"
    assert dict(headers)["Key"] == md5(b"4711s3cret").hexdigest()
    assert "s3cret" not in str(headers)
    with pytest.raises(StopIteration):
        steps.send(Message(b"Response: Success\r\nMessage: Authentication accepted"))


def test_a_refusal_names_the_account_and_asterisks_words() -> None:
    steps = login(Account("observer", "wrong"))
    next(steps)
    steps.send(Message(b"Response: Success\r\nChallenge: 4711"))
    with pytest.raises(Rejected, match="observer: Authentication failed"):
        steps.send(Message(b"Response: Error\r\nMessage: Authentication failed"))
