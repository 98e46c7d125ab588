"""`demo.json`: how to get at a running demo. Its existence means that the demo is ready."""

import msgspec

from .center import CallCenter
from .kept import write_private
from .world import MOBILES, Person


def describe(center: CallCenter) -> None:
    """Write it (0600, whole or not at all)."""
    plan, world = center.plan, center.kept.world
    centers = [{"name": p.name, "extension": p.extension, "number": p.number} for p in world.places]
    numbers = [
        {"number": world.sign_in_number, "function": "sign-in", "callers": MOBILES},
        {"number": world.sign_out_number, "function": "sign-out", "callers": MOBILES},
        *({"number": p.number, "function": "center", "center": p.extension} for p in world.places),
    ]
    text = {
        "web": plan.web,
        "sip": plan.sip,
        "dsn": center.dsn,
        "asterisk": {
            "root": str(center.install.root),
            "config": str(plan.etc),
            "run": str(plan.asterisk),
            "pid": center.asterisk.pid,
            "ami": f"127.0.0.1:{plan.ami_port}",
            "agi": f"127.0.0.1:{plan.agi_port}",
        },
        "bridge": {"pid": center.bridge_pid, "settings": str(plan.settings), "log": str(plan.data / "bridge.log")},
        "accounts": [_account(person) for person in world.people],
        "centers": centers,
        "campaigns": [{"name": c.name, "mode": c.mode, "job": str(c.id)} for c in world.campaigns],
        "numbers": numbers,
        "carrier": {
            "listens": f"{plan.carrier_address}:{plan.carrier_port}",
            "context": "from-carrier",
        },
    }
    write_private(plan.description, msgspec.json.format(msgspec.json.encode(text)))


def _account(person: Person) -> dict[str, object]:
    return {
        "login": person.login,
        "password": person.password,
        "role": person.role,
        "dial_id": person.dial_id,
        "dial_password": person.dial_password,
        "terminal": {
            "extension": person.extension,
            "sip_user": person.extension,
            "sip_password": person.sip_password,
        },
    }
