"""Asterisk's own books: which columns its CDR and CEL files have, in order.

`cdr_custom` and `cel_custom` append one CSV line a record to files below Asterisk's log folder; the store follows them.
Times are epoch seconds with six decimals; an absent answer is `0.000000`. The classic mapping is used, since only it
can hold a global variable; it works from Asterisk 20 on.
"""

CDR_FILE = "cdr-custom/pbx-cdr.csv"
"""Below Asterisk's log folder."""
CEL_FILE = "cel-custom/pbx-cel.csv"

_BOOT = ("boot", "${GLOBAL(PBX_BOOT)}")

CDR_COLUMNS: tuple[tuple[str, str], ...] = (
    _BOOT,
    ("uniqueid", "${CDR(uniqueid)}"),
    ("linkedid", "${CDR(linkedid)}"),
    ("sequence", "${CDR(sequence)}"),
    ("started_at", "${CDR(start,u)}"),
    ("answered_at", "${CDR(answer,u)}"),
    ("ended_at", "${CDR(end,u)}"),
    ("duration", "${CDR(duration)}"),
    ("billsec", "${CDR(billsec)}"),
    ("disposition", "${CDR(disposition)}"),
    ("clid", "${CDR(clid)}"),
    ("src", "${CDR(src)}"),
    ("dst", "${CDR(dst)}"),
    ("context", "${CDR(dcontext)}"),
    ("channel", "${CDR(channel)}"),
    ("dst_channel", "${CDR(dstchannel)}"),
    ("last_app", "${CDR(lastapp)}"),
    ("last_data", "${CDR(lastdata)}"),
    ("account_code", "${CDR(accountcode)}"),
    ("peer_account", "${CDR(peeraccount)}"),
    ("user_field", "${CDR(userfield)}"),
)
"""(column, Asterisk's expression)."""

CEL_COLUMNS: tuple[tuple[str, str], ...] = (
    _BOOT,
    ("uniqueid", "${CHANNEL(uniqueid)}"),
    ("linkedid", "${CHANNEL(linkedid)}"),
    ("at", "${eventtime}"),
    ("event", "${eventtype}"),
    ("channel", "${CHANNEL(channame)}"),
    ("caller_number", "${CALLERID(num)}"),
    ("caller_name", "${CALLERID(name)}"),
    ("context", "${CHANNEL(context)}"),
    ("exten", "${CHANNEL(exten)}"),
    ("app", "${CHANNEL(appname)}"),
    ("app_data", "${CHANNEL(appdata)}"),
    ("peer", "${BRIDGEPEER}"),
    ("user_type", "${userdeftype}"),
    ("extra", "${eventextra}"),
)
"""As `CDR_COLUMNS`, for channel events."""


def line(columns: tuple[tuple[str, str], ...]) -> str:
    """The mapping of `cdr_custom.conf` or `cel_custom.conf` that writes `columns`."""
    return ",".join(f"${{CSV_QUOTE({expression})}}" for _, expression in columns)
