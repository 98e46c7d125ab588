"""Everything the telephone says, in every language. Keys are file names below `pbx/`."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

from dialplan.provision import CenterPlan
from pbx_bridge.core.directory import BUILT_IN, Language, Status
from pbx_bridge.core.treatment import ways


class Sentence(Struct, frozen=True):
    """Empty in a language in which it is never said."""

    ja: str
    en: str


_TABLE = {
    # asking
    "enter-id": ("操作IDを入力し、最後にシャープを押してください。", "Please enter your I D, then press pound."),
    "enter-password": (
        "パスワードを入力し、最後にシャープを押してください。",
        "Please enter your password, then press pound.",
    ),
    "enter-extension": (
        "内線番号を入力し、最後にシャープを押してください。",
        "Please enter the extension, then press pound.",
    ),
    "enter-status": ("ステータスの番号を押してください。", "Please press the number of your status."),
    "choose-job": ("コールジョブの番号を押してください。", "Please press the number of the call job."),
    "no-input": ("入力がありませんでした。", "Nothing was entered."),
    # signing in and out
    "signed-in": ("サインインしました。操作IDは", "You are signed in. Your I D is"),
    "signed-in-moved": (
        "サインインしました。前の電話機は、サインアウトしました。操作IDは",
        "You are signed in. Your other phone has been signed out. Your I D is",
    ),
    "signed-out": ("サインアウトしました。", "You are signed out."),
    "sign-out-after-call": (
        "通話が終わりましたら、サインアウトします。",
        "You will be signed out when your call ends.",
    ),
    "wrong-credentials": ("操作ID、または、パスワードが違います。", "The I D or the password is wrong."),
    "locked": (
        "入力の誤りが続きましたので、しばらく受け付けできません。",
        "There were too many wrong entries. Please wait a while before you try again.",
    ),
    "not-an-agent": ("このIDでは、電話の受付はできません。", "This I D may not take calls."),
    "call-in-progress": ("別の電話機で通話中のため、サインインできません。", "You are in a call on another phone."),
    "terminal-in-use": ("この電話機は、ほかの方が使用中です。", "Somebody else is signed in at this phone."),
    "terminal-not-registered": ("その電話機は、接続されていません。", "That phone is not connected."),
    "unknown-extension": ("その内線番号は、ありません。", "There is no such extension."),
    "not-signed-in": ("サインインしていません。", "You are not signed in."),
    # status
    "status-changed": ("ステータスを変更しました。", "Your status has changed."),
    "status-after-call": (
        "通話が終わりましたら、ステータスを変更します。",
        "Your status will change when your call ends.",
    ),
    "unknown-status": ("その番号のステータスは、ありません。", "There is no status with that number."),
    "previous-status": ("前のステータス、", "Your last status,"),
    "lasted": ("でした。", "long."),
    "under-a-minute": ("一分未満", "under a minute"),
    "status-0": ("ログオフ", "logged off,"),
    "status-1": ("受付可", "available,"),
    "status-2": ("後作業", "after-call work,"),
    "status-3": ("休憩中", "break,"),
    "status-4": ("離席中", "away,"),
    "hand-raised": ("手上げをしました。", "Your hand is raised."),
    "hand-lowered": ("手上げを取り消しました。", "Your hand is lowered."),
    # call jobs
    "no-job": ("担当のコールジョブが、ありません。", "No call job is assigned to you."),
    "job-joined": (
        "コールジョブに参加しました。電話を切らずに、お待ちください。",
        "You have joined the call job. Please stay on the line.",
    ),
    "job-left": ("コールジョブから離れました。", "You have left the call job."),
    "job-not-running": ("このコールジョブは、始まっていません。", "This call job has not been started."),
    # at a phone that is not ours
    "press-one": (
        "コールセンターへのお電話です。お受けになる場合は、1を押してください。",
        "A call from your call center. To take it, please press 1.",
    ),
    "caller-gone": ("お客様は、もうお待ちではありません。", "The caller is no longer waiting."),
    # recording
    "recording-paused": ("録音を、一時停止しました。", "The recording is paused."),
    "recording-resumed": ("録音を、再開しました。", "The recording goes on."),
    "not-recorded": ("この通話は、録音されていません。", "This call is not recorded."),
    "no-call": ("通話中では、ありません。", "You are not in a call."),
    # anything else
    "not-permitted": ("この操作は、できません。", "You may not do this."),
    "not-in-service": ("この操作は、まだご利用いただけません。", "This is not in service yet."),
    "number-refused": ("この番号には、発信できません。", "This number cannot be dialed."),
    "try-later": (
        "ただいまご利用いただけません。しばらくしてから、もう一度お試しください。",
        "This is not available now. Please try again later.",
    ),
    "goodbye": ("終了します。", "Goodbye."),
    # to customers
    "center-greeting": (
        "お電話ありがとうございます。担当者におつなぎいたします。そのままお待ちください。",
        "Thank you for calling. Please hold the line, and somebody will be with you.",
    ),
    "all-busy": (
        "ただいま、電話が大変混み合っております。恐れ入りますが、のちほどおかけ直しください。",
        "All our agents are busy. Please call again later.",
    ),
    "nobody-here": (
        "ただいま、担当者が席を外しております。恐れ入りますが、のちほどおかけ直しください。",
        "Nobody is here to take your call. Please call again later.",
    ),
    "closed": (
        "お電話ありがとうございます。ただいまは、営業時間外でございます。営業時間内に、おかけ直しください。",
        "Thank you for calling. We are closed now. Please call again during our opening hours.",
    ),
    "leave-message": (
        "ただいま電話に出ることができません。発信音のあとに、お名前とご用件をお話しください。",
        "We cannot take your call now. Please leave your name and your message after the tone.",
    ),
    "message-kept": (
        "メッセージをお預かりしました。お電話ありがとうございました。",
        "Your message has been recorded. Thank you for calling.",
    ),
    "callback-offer": (
        "ただいま、電話に出ることができません。折り返しのお電話をご希望の方は、1を押してください。",
        "We cannot take your call now. If you would like us to call you back, please press 1.",
    ),
    "callback-noted": (
        "承りました。担当者から、折り返しお電話いたします。",
        "Thank you. Somebody will call you back.",
    ),
    "thank-you": (
        "お電話ありがとうございました。失礼いたします。",
        "Thank you for calling. Goodbye.",
    ),
    "queue-next": ("お客様を、次におつなぎいたします。", "You are next in line."),
    "queue-position-before": ("お客様の順番は、", "You are number"),
    "queue-position-after": ("番目です。そのままお待ちください。", "in line. Please hold."),
    "abandoned-before": (
        "お電話を差し上げましたが、ただいま担当者がおつなぎできません。申し訳ございません。",
        "We called you, but nobody is free to speak with you at the moment. We are sorry.",
    ),
    "abandoned-number": ("こちらの電話番号は、", "Our number is"),
    "abandoned-after": ("でございます。失礼いたします。", "Goodbye."),
}


def _counted() -> dict[str, Sentence]:
    """Durations: Japanese counters change their sound with the number, so each is a sentence of its own."""
    hours = {f"hours-{n}": Sentence(f"{n}時間", f"{n} hour{'s' * (n > 1)}") for n in range(1, 24)}
    minutes = {f"minutes-{n}": Sentence(f"{n}分", f"{n} minute{'s' * (n > 1)}") for n in range(1, 60)}
    custom = {f"status-{n}": Sentence(f"ステータス、{n}番", f"status {n},") for n in range(5, 10)}
    return hours | minutes | custom


SENTENCES: Mapping[str, Sentence] = MappingProxyType(
    {key: Sentence(ja, en) for key, (ja, en) in _TABLE.items()} | _counted()
)


def status_sentences(statuses: Iterable[Status]) -> dict[str, Sentence]:
    """Custom statuses by their names, in place of «status 5»: made at set-up."""
    return {
        f"status-{status.digit}": Sentence(f"{status.ja}、", f"{status.en},")
        for status in statuses
        if status not in BUILT_IN
    }


def center_sentences(plans: Iterable[CenterPlan]) -> dict[str, Sentence]:
    """What only this installation's centers say: their names to agents, and the words of their own to callers."""
    return {key: sentence for plan in plans for key, sentence in _of_center(plan)}


def _of_center(plan: CenterPlan) -> Iterator[tuple[str, Sentence]]:
    own, name = f"center-{plan.center.extension}", plan.center.name
    if plan.agent_guidance:
        yield own, Sentence(f"{name}へのお電話です。", f"A call for {name}.")
    for why, way in ways(plan):
        if way.say:
            yield f"{own}-{why}", Sentence(way.say, "") if plan.language == "ja" else Sentence("", way.say)


_ONES = ("ゼロ", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう")

JAPANESE_DIGITS: Mapping[str, str] = MappingProxyType(
    {str(n): word for n, word in enumerate(_ONES)}
    | {str(n): f"{n}" for n in (*range(10, 20), *range(20, 100, 10))}
    | {"hundred": "百", "thousand": "千", "minus": "マイナス"}
)
"""What Asterisk's say_number and say_digits look for in `digits/` (ast_say_number_full_ja in main/say.c); its English
set comes with asterisk-core-sounds."""


def longest_seconds(key: str, language: Language) -> float:
    """No sound of this sentence is longer, few are much shorter: from its letters; a test holds it against both."""
    sentence = SENTENCES[key]
    return 0.8 + (0.155 * len(sentence.ja) if language == "ja" else 0.06 * len(sentence.en))
