"""The world on paper becomes files: Asterisk's configuration and the bridge's settings."""

import shutil
from pathlib import Path

from msgspec import structs

from agi.token import keys as agi_keys
from dialplan.journal import CDR_FILE, CEL_FILE
from dialplan.provision import Agi, Ami, AmiAccount, CenterPlan, InboundNumber, Phone, Provision, Sip, Trunk
from dialplan.render import render
from pbx_bridge.core.directory import Center
from pbx_bridge.core.ids import CenterId, NodeId

from .kept import Kept, Keys, write_private
from .plan import Plan
from .world import MOBILES, Person, Place, World

NODE = "demo"


def provision(plan: Plan, kept: Kept, music: Path) -> Provision:
    """What the demo's Asterisk is rendered from."""
    world, keys = kept.world, kept.keys
    agi = agi_keys(keys.agi_key.encode())
    return Provision(
        node=NodeId(NODE),
        ami=Ami(
            observer=AmiAccount("pbx-observer", keys.observer_secret),
            controller=AmiAccount("pbx-controller", keys.controller_secret),
            port=plan.ami_port,
        ),
        agi=Agi(agi.inner, agi.outer, port=plan.agi_port),
        phones=tuple(_phone(person) for person in world.people),
        centers=tuple(center_plan(place) for place in world.places),
        trunks=(Trunk("carrier", plan.carrier_address, plan.carrier_port),),
        numbers=numbers(world),
        sip=Sip(plan.sip_address, plan.sip_port),
        recordings=str(plan.spool),
        music=str(music),
    )


def write(plan: Plan, kept: Kept, music: Path) -> None:
    """Files of Asterisk and the bridge, and the folders they expect. Nothing of an earlier start is left in `etc`."""
    shutil.rmtree(plan.etc, ignore_errors=True)
    for folder in (plan.etc, plan.spool, plan.vault):
        folder.mkdir(parents=True, exist_ok=True)
    for book in (CDR_FILE, CEL_FILE):
        (plan.asterisk / "log" / book).parent.mkdir(parents=True, exist_ok=True)
    for name, text in render(provision(plan, kept, music)).items():
        write_private(plan.etc / name, text.encode())
    plan.etc.chmod(0o700)


def settings(plan: Plan, keys: Keys, dsn: str, prompts: Path) -> str:
    """`pbx-bridge.toml`."""
    return f"""\
# The demo's own settings: `pbx-bridge up --config` this file starts its bridge.
[node]
name = {_text(NODE)}

[database]
dsn = {_text(dsn)}

[ami]
port = {plan.ami_port}
observer_secret = {_text(keys.observer_secret)}
controller_secret = {_text(keys.controller_secret)}

[agi]
port = {plan.agi_port}
key = {_text(keys.agi_key)}

[web]
host = {_text(plan.web_address)}
port = {plan.web_port}

[journal]
directory = {_text(str(plan.asterisk / "log"))}

[recordings]
spool = {_text(str(plan.spool))}
vault = {_text(str(plan.vault))}

[secrets]
pepper = {_text(keys.pepper)}
vault_key = {_text(keys.vault_key)}

[prompts]
directory = {_text(str(prompts))}
"""


def _text(value: str) -> str:
    """A TOML basic string; what we write holds no control characters."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _phone(person: Person) -> Phone:
    return Phone(
        extension=person.extension,
        endpoint=person.extension,
        sip_password=person.sip_password,
        name=person.name,
        language=person.language,
    )


def center_plan(place: Place) -> CenterPlan:
    """A place as the provision has it."""
    center = Center(
        id=CenterId(place.id),
        name=place.name,
        extension=place.extension,
        number=place.number,
        wrap_up_seconds=place.wrap_up_seconds,
        priority=place.priority,
        strategy=place.strategy,
    )
    return CenterPlan(center, **structs.asdict(place.treatment))


def numbers(world: World) -> tuple[InboundNumber, ...]:
    """What the carrier delivers."""
    centers = [InboundNumber(place.number, "center", place.extension) for place in world.places]
    return (
        *centers,
        InboundNumber(world.sign_in_number, "sign-in", callers=MOBILES),
        InboundNumber(world.sign_out_number, "sign-out", callers=MOBILES),
    )
