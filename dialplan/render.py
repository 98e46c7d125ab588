"""All of Asterisk's configuration files from one record. Pure: the same record gives the same bytes."""

from collections.abc import Iterator

from pbx_bridge.core.errors import Misconfigured

from . import basics, center_check, codes, contexts, extensions, manager, modules, outside, pjsip, queues
from .conf import HEADER
from .provision import Provision


def render(provision: Provision) -> dict[str, str]:
    """File name → text. Raises `Misconfigured` with what to change; nothing is rendered by halves."""
    codes.check(provision.codes, _extensions(provision))
    _refuse_twins(provision)
    center_check.check(provision)
    files = basics.bare() | {
        "asterisk.conf": basics.asterisk(),
        "cdr.conf": basics.cdr(),
        "cdr_custom.conf": basics.cdr_custom(),
        "cel.conf": basics.cel(),
        "cel_custom.conf": basics.cel_custom(),
        "extensions.conf": extensions.render(provision),
        "features.conf": basics.features(provision),
        "indications.conf": basics.indications(),
        "logger.conf": basics.logger(),
        "manager.conf": manager.render(provision.ami),
        "modules.conf": modules.render(),
        "musiconhold.conf": basics.music(provision),
        "pjsip.conf": pjsip.render(provision),
        "queues.conf": queues.render(provision),
        "rtp.conf": basics.rtp(provision),
    }
    return {name: HEADER + text for name, text in files.items()}


def _extensions(provision: Provision) -> Iterator[tuple[str, str]]:
    for phone in provision.phones:
        yield f"terminal {phone.endpoint}", phone.extension
    for plan in provision.centers:
        yield f"center {plan.center.name}", plan.center.extension


def _refuse_twins(provision: Provision) -> None:
    """Names share pjsip.conf's sections; the same number twice would silently be the first one's."""
    names = [phone.endpoint for phone in provision.phones] + [trunk.name for trunk in provision.trunks]
    names += [contexts.outside_endpoint(line.number) for line in outside.lines(provision)]
    numbers = [number.number for number in provision.numbers]
    accounts = [provision.ami.observer.username, provision.ami.controller.username]
    for what, values in {"endpoint": names, "number": numbers, "AMI user": accounts}.items():
        twin = next((value for value in values if values.count(value) > 1), None)
        if twin is not None:
            raise Misconfigured(f"{what} {twin!r} is there twice: give one of them another")
