"""The small files: media, music, features, tones, the books and the log."""

import re

from pbx_bridge.core.errors import Misconfigured

from . import contexts, journal
from .conf import section, value
from .inbound import RECORD_ANEW
from .provision import Provision

BLIND_TRANSFER, ATTENDED_TRANSFER = "##", "*2"


def rtp(provision: Provision) -> str:
    """rtp.conf."""
    sip = provision.sip
    return section(
        "general",
        [
            ("rtpstart", sip.rtp_first),
            ("rtpend", sip.rtp_last),
            ("strictrtp", "yes"),
            ("icesupport", "no"),
        ],
    )


def music(provision: Provision) -> str:
    """musiconhold.conf."""
    classes = {"default": provision.music or "moh"}
    classes |= {plan.center.queue: plan.music for plan in provision.centers if plan.music}
    return section("general", [("cachertclasses", "no")]) + "".join(
        section(name, [("mode", "files"), ("directory", folder), ("sort", "alpha")]) for name, folder in classes.items()
    )


PAUSE_FEATURE, ANEW_FEATURE = "pause-recording", "record-anew"
"""A channel has them by `DYNAMIC_FEATURES`: they work in every two-party bridge, Queue's, Dial's and AMI's."""
PHONE_FEATURES = f"{PAUSE_FEATURE}#{ANEW_FEATURE}"


def features(provision: Provision) -> str:
    """features.conf: transfers by key for phones that have no button for them; the recording's pause.

    Raises `Misconfigured` for a pause key that cannot be told from the others. The application's arguments:
    configs/samples/features.conf.sample of Asterisk 22.
    """
    keys = section("general", [("transferdigittimeout", 5), ("featuredigittimeout", 1500)]) + section(
        "featuremap", [("blindxfer", BLIND_TRANSFER), ("atxfer", ATTENDED_TRANSFER), ("disconnect", "")]
    )
    return keys + section(
        "applicationmap",
        [
            (PAUSE_FEATURE, f"{_pause_key(provision)},self,UserEvent({contexts.PAUSE_RECORDING})"),
            (ANEW_FEATURE, f"{contexts.RECORD_ANEW_KEY},self,{RECORD_ANEW}"),
        ],
    )


def _pause_key(provision: Provision) -> str:
    key = provision.pause_key
    if not re.fullmatch(r"[0-9*#]{2,6}", key):
        raise Misconfigured(f"pause_key {key!r}: use two to six of the keys 0-9 * #")
    for other in (BLIND_TRANSFER, ATTENDED_TRANSFER):
        if key.startswith(other) or other.startswith(key):
            raise Misconfigured(f"pause_key {key} and the transfer key {other} begin alike: choose another one")
    return key


def indications() -> str:
    """indications.conf: Japan's tones (ITU-T E.180 supplement 2)."""
    return section("general", [("country", "jp")]) + section(
        "jp",
        [
            ("description", "Japan"),
            ("ringcadence", "1000,2000"),
            ("dial", "400"),
            ("busy", "400/500,0/500"),
            ("ring", "400+15/1000,0/2000"),
            ("congestion", "400/500,0/500"),
            ("callwaiting", "400+16/500,0/8000"),
            ("dialrecall", "!400/200,!0/200,!400/200,!0/200,!400/200,!0/200,400"),
            ("record", "1400/500,0/15000"),
            ("info", "!950/330,!1400/330,!1800/330,0"),
            ("stutter", "!400/100,!0/100,!400/100,!0/100,!400/100,!0/100,400"),
        ],
    )


def cdr() -> str:
    """cdr.conf: stock settings write nothing about unanswered calls (reliability fact F3)."""
    return section(
        "general",
        [
            ("enable", "yes"),
            ("unanswered", "yes"),
            ("congestion", "yes"),
            ("endbeforehexten", "no"),
            ("initiatedseconds", "yes"),
            ("batch", "no"),
        ],
    )


def cdr_custom() -> str:
    """cdr_custom.conf."""
    return _mapping(journal.CDR_FILE, journal.line(journal.CDR_COLUMNS))


def cel() -> str:
    """cel.conf: without `dateformat` the time is epoch seconds and microseconds."""
    events = (
        "CHAN_START,CHAN_END,ANSWER,HANGUP,BRIDGE_ENTER,BRIDGE_EXIT,LINKEDID_END,BLINDTRANSFER,ATTENDEDTRANSFER,"
        "PICKUP,FORWARD,LOCAL_OPTIMIZE,USER_DEFINED"
    )
    return section("general", [("enable", "yes"), ("events", events)])


def cel_custom() -> str:
    """cel_custom.conf."""
    return _mapping(journal.CEL_FILE, journal.line(journal.CEL_COLUMNS))


def _mapping(path: str, line: str) -> str:
    return f"\n[mappings]\n{path.rpartition('/')[2]} => {value(line)}\n"


def logger() -> str:
    """logger.conf."""
    return section("general", [("dateformat", "%F %T.%3q"), ("queue_log", "yes")]) + section(
        "logfiles", [("console", "notice,warning,error"), ("messages.log", "notice,warning,error")]
    )


def asterisk() -> str:
    """asterisk.conf without its directories, which belong to the installation."""
    return section(
        "options",
        [
            ("nocolor", "yes"),
            ("live_dangerously", "no"),  # no SHELL() or FILE() from AMI or AGI
            ("languageprefix", "yes"),
            ("defaultlanguage", "ja"),
            ("transmit_silence", "yes"),
            ("hideconnect", "yes"),
        ],
    )


def bare() -> dict[str, str]:
    """Files that the core asks for and reports as errors when absent, though it needs nothing from them."""
    return {
        "acl.conf": section("unused", []),
        "ccss.conf": section("general", []),
        "pjproject.conf": section("startup", [("type", "startup"), ("log_level", "default")]),
        "queuerules.conf": section("general", []),
        "stasis.conf": section("declined_message_types", []),
        "udptl.conf": section("general", []),
    }
