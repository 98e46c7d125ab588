"""The printed card of an agent: what to dial for what at this installation, in their language."""

from collections.abc import Iterable
from html import escape

from msgspec import Struct

from pbx_bridge.core.directory import BUILT_IN, Language, Status

from .basics import ATTENDED_TRANSFER, BLIND_TRANSFER
from .codes import DialCodes, by_function
from .provision import PAUSE_KEY

_WORDS: dict[str, tuple[str, str]] = {
    "sign_in": ("サインイン", "Sign in"),
    "sign_out": ("サインアウト", "Sign out"),
    "sign_in_extension": ("内線番号を指定してサインイン", "Sign in, naming the extension"),
    "change_status": ("ステータス変更(番号を選ぶ)", "Change status, by a digit"),
    "raise_hand": ("手上げ / 手上げ取り消し", "Raise or lower your hand"),
    "join_job": ("コールジョブ参加 / 離脱", "Join or leave your call job"),
    "status": ("ステータス: ", "Status: "),
    "recording_pause": ("録音の一時停止 / 再開", "Pause or resume the recording"),
}
_PAUSE = ("通話中に: 録音の一時停止 / 再開", "During a call: pause or resume the recording")
_BLIND = ("通話中に: すぐに転送(+番号)", "During a call: transfer at once (+ number)")
_ATTENDED = ("通話中に: 相談してから転送(+番号)", "During a call: consult, then transfer (+ number)")


class Card(Struct, frozen=True):
    """Whose it is. `dial_password` is only there when it was just made."""

    name: str
    extension: str
    dial_id: str
    language: Language = "ja"
    dial_password: str = ""


def lines(codes: DialCodes, statuses: Iterable[Status], language: Language) -> list[tuple[str, str]]:
    """(code, what it does) in the order of the card; the status codes one by one. Codes that only say they are not in
    service are left out."""
    chosen = 0 if language == "ja" else 1
    found: list[tuple[str, str]] = []
    for function, code in by_function(codes).items():
        if function not in _WORDS:
            continue
        words = _WORDS[function][chosen]
        if function == "status":
            found += [(f"{code}{s.digit}", words + (s.ja if chosen == 0 else s.en)) for s in statuses]
        else:
            found.append((code, words))
    return found


def in_call(language: Language, pause_key: str) -> list[tuple[str, str]]:
    """(keys, what they do) while one talks."""
    chosen = 0 if language == "ja" else 1
    return [
        (key, words[chosen])
        for key, words in ((pause_key, _PAUSE), (BLIND_TRANSFER, _BLIND), (ATTENDED_TRANSFER, _ATTENDED))
    ]


def text(card: Card, codes: DialCodes, statuses: Iterable[Status] = BUILT_IN, pause_key: str = PAUSE_KEY) -> str:
    """For a terminal or a text printer."""
    table = lines(codes, statuses, card.language) + in_call(card.language, pause_key)
    width = max(len(code) for code, _ in table) + 2
    head = [f"{card.name}", *(f"{label}: {value}" for label, value in _facts(card))]
    return (
        "\n".join([*head, "", *(f"{code:<{width}}{words}" for code, words in table), "", hint(card.language, codes)])
        + "\n"
    )


def html(card: Card, codes: DialCodes, statuses: Iterable[Status] = BUILT_IN, pause_key: str = PAUSE_KEY) -> str:
    """A `<section class="dial-card">` to stand in a page or to be printed; everything escaped, no style, no script."""
    facts = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in _facts(card))
    rows = "".join(
        f"<tr><th scope='row'><kbd>{escape(code)}</kbd></th><td>{escape(words)}</td></tr>"
        for code, words in [
            *lines(codes, statuses, card.language),
            *in_call(card.language, pause_key),
        ]
    )
    return (
        f'<section class="dial-card" lang="{card.language}"><h2>{escape(card.name)}</h2><dl>{facts}</dl>'
        f"<table>{rows}</table><p>{escape(hint(card.language, codes))}</p></section>"
    )


def _facts(card: Card) -> list[tuple[str, str]]:
    ja = card.language == "ja"
    found = [("内線番号" if ja else "Extension", card.extension)]
    found.append(("操作ID" if ja else "Dial-operation ID", card.dial_id))
    if card.dial_password:
        found.append(("操作パスワード" if ja else "Dial-operation password", card.dial_password))
    return found


def hint(language: Language, codes: DialCodes) -> str:
    """How to end what is keyed, and what a mobile extension dials."""
    prefix = codes.mobile_prefix
    if language == "ja":
        mobile = f" 携帯内線からは、先頭に {prefix} を付けてください。" if prefix else ""
        return f"IDとパスワードのあとに # を押してください。{mobile}"
    mobile = f" From a mobile extension dial {prefix} first." if prefix else ""
    return f"Press # after ID and password.{mobile}"
