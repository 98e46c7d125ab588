"""Where the demo's parts stand, from the environment."""

import socket
from pathlib import Path

import pytest

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.demo.plan import Plan, from_environment, refuse_taken
from tests.addresses import free_port, loopback

HERE = Path("/nowhere")


def test_defaults_are_loopback() -> None:
    plan = from_environment(HERE, {})
    assert (plan.web, plan.sip) == ("http://127.0.0.1:8080", "127.0.0.1:5060")
    assert (plan.carrier_address, plan.carrier_port) == ("127.0.0.2", 5060)


def test_ports_move_and_the_carrier_moves_with_sip() -> None:
    plan = from_environment(HERE, {"PBX_WEB_PORT": "8081", "PBX_SIP_PORT": "5070"})
    assert (plan.web_port, plan.sip_port, plan.carrier_port) == (8081, 5070, 5070)
    assert from_environment(HERE, {"PBX_SIP_PORT": "5070", "PBX_CARRIER_PORT": "5090"}).carrier_port == 5090


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", "５０６０"])
def test_what_is_no_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(Misconfigured, match="PBX_SIP_PORT"):
        from_environment(HERE, {"PBX_SIP_PORT": text})


def test_listening_opens_sip_and_web_but_not_the_carrier() -> None:
    plan = from_environment(HERE, {}, listen="192.0.2.7")
    assert (plan.sip_address, plan.web_address) == ("192.0.2.7", "192.0.2.7")
    assert plan.carrier_address == "127.0.0.2"


def plan() -> Plan:
    return Plan(
        HERE,
        sip_address=loopback(31),
        carrier_address=loopback(32),
        web_port=free_port(),
        ami_port=free_port(),
        agi_port=free_port(),
    )


def test_free_ports_are_fine() -> None:
    refuse_taken(plan(), carrier=True)


def test_a_taken_port_is_named_with_what_moves_it() -> None:
    wanted = plan()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((wanted.sip_address, wanted.sip_port))
        with pytest.raises(Misconfigured, match=rf"{wanted.sip_address} port {wanted.sip_port}.*PBX_SIP_PORT"):
            refuse_taken(wanted, carrier=True)


def test_the_carriers_port_may_be_taken_when_the_carrier_is_somebody_else() -> None:
    wanted = plan()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((wanted.carrier_address, wanted.carrier_port))
        refuse_taken(wanted, carrier=False)
        with pytest.raises(Misconfigured, match="PBX_CARRIER_PORT"):
            refuse_taken(wanted, carrier=True)
