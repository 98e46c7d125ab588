"""pjsip.conf: phones that register with a digest, carriers known by their address, nobody else.

Options: https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/
"""

from . import contexts, outside
from .basics import ANEW_FEATURE, PHONE_FEATURES
from .conf import digits, section, value, word
from .provision import Phone, Provision, Sip, Trunk

_ANY = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound


def render(provision: Provision) -> str:
    """The file's text. Raises `Misconfigured`."""
    parts = [_global(), _transport(provision.sip), _phone_template(provision.sip)]
    parts += [_phone(phone) for phone in provision.phones]
    parts += [_trunk(trunk, provision.sip) for trunk in provision.trunks]
    parts += [_outside(line, provision) for line in outside.lines(provision)]
    return "".join(parts)


def _global() -> str:
    return section(
        "global",
        [
            ("type", "global"),
            ("user_agent", "pbx-bridge"),
            # Who a request is from: a carrier's address first, then the user part; never anonymous.
            ("endpoint_identifier_order", "ip,username"),
            ("keep_alive_interval", 30),
        ],
    )


def _transport(sip: Sip) -> str:
    return section(
        "transport-udp",
        [("type", "transport"), ("protocol", "udp"), ("bind", f"{word(sip.address, 'address')}:{sip.port}")],
    )


def _media(sip: Sip) -> list[tuple[str, str | int]]:
    settings: list[tuple[str, str | int]] = [
        ("transport", "transport-udp"),
        ("disallow", "all"),
        ("allow", sip.codec),
        ("dtmf_mode", "rfc4733"),
        ("direct_media", "no"),  # recordings and monitoring need the audio here
        ("rtp_symmetric", "yes"),
    ]
    if sip.address not in _ANY:
        # RTP on the SIP address only: by itself Asterisk would open it on all of them.
        settings += [("media_address", sip.address), ("bind_rtp_to_media_address", "yes")]
    return settings


def _phone_template(sip: Sip) -> str:
    return section(
        "phone",
        [
            ("type", "endpoint"),
            ("context", contexts.TERMINALS),
            *_media(sip),
            # A phone that died in a call says no more: its agent is free within two minutes, by the shortest session
            # timer of RFC 4028. By Asterisk's own it took sixteen.
            ("timers_sess_expires", 90),
            ("force_rport", "yes"),
            ("rewrite_contact", "yes"),
            ("trust_id_inbound", "no"),
            ("allow_subscribe", "yes"),
            ("call_group", 1),
            ("pickup_group", 1),
        ],
        suffix="!",
    ) + section(
        "phone-aor",
        [
            ("type", "aor"),
            ("max_contacts", 1),
            ("remove_existing", "yes"),  # a phone that comes back from another port takes over at once
            ("qualify_frequency", 30),
            ("qualify_timeout", "3.0"),
            ("minimum_expiration", 30),
        ],
        suffix="!",
    )


def _phone(phone: Phone) -> str:
    endpoint = word(phone.endpoint, "endpoint")
    extension = digits(phone.extension, "extension")
    name = value(phone.name or extension).replace("\\", "").replace('"', "")
    # The address of record is what the phone registers as; the switchboard knows terminals by it.
    return (
        section(
            endpoint,
            [
                ("auth", f"{endpoint}-auth"),
                ("aors", endpoint),
                ("callerid", f'"{name}" <{extension}>'),
                ("language", phone.language),
                ("subscribe_context", contexts.lamps(extension)),
                ("set_var", f"PBX_TERMINAL={extension}"),
                ("set_var", f"DYNAMIC_FEATURES={PHONE_FEATURES}"),
            ],
            suffix="phone",
        )
        + section(
            f"{endpoint}-auth",
            [("type", "auth"), ("auth_type", "userpass"), ("username", endpoint), ("password", phone.sip_password)],
        )
        + section(endpoint, [], suffix="phone-aor")
    )


def _trunk(trunk: Trunk, sip: Sip) -> str:
    name, host = word(trunk.name, "trunk"), word(trunk.host, "trunk host")
    contact = f"sip:{host}:{trunk.port}"
    identify: list[tuple[str, str | int]] = [("type", "identify"), ("endpoint", name)]
    return (
        section(
            name,
            [
                ("type", "endpoint"),
                ("context", contexts.FROM_CARRIER),
                *_media(sip),
                ("aors", name),
                ("identify_by", "ip"),  # by its address alone: whoever merely calls themselves by its name is nobody
                ("allow_transfer", "no"),
                ("allow_subscribe", "no"),
                ("send_pai", "yes"),
                ("trust_id_outbound", "yes"),
                ("set_var", f"DYNAMIC_FEATURES={ANEW_FEATURE}"),
            ],
        )
        + section(name, [("type", "aor"), ("contact", contact), ("qualify_frequency", trunk.qualify_seconds)])
        + section(f"{name}-identify", [*identify, *(("match", match) for match in trunk.match or (host,))])
    )


def _outside(line: outside.Line, provision: Provision) -> str:
    """An endpoint of its own a number, so that app_queue, device states and channel names know whose phone it is.

    Nobody can be identified as it (by address, and it has none): it is rung, it never calls.
    """
    trunk, endpoint = provision.trunks[0], contexts.outside_endpoint(line.number)
    contact = f"sip:{line.number}@{word(trunk.host, 'trunk host')}:{trunk.port}"
    shown: list[tuple[str, str | int]] = []
    if trunk.caller_number:
        shown = [("from_user", digits(trunk.caller_number, "caller number"))]
    return section(
        endpoint,
        [
            ("type", "endpoint"),
            ("context", contexts.TERMINALS),  # where a transfer by key leads
            *_media(provision.sip),
            ("aors", endpoint),
            ("identify_by", "ip"),
            ("allow_subscribe", "no"),
            ("language", line.language),
            ("set_var", f"DYNAMIC_FEATURES={PHONE_FEATURES}"),
            *shown,
        ],
    ) + section(endpoint, [("type", "aor"), ("contact", contact), ("qualify_frequency", 0)])
