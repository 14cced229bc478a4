"""A transition as one text message: what happened, the one thing to do, and where. Pure."""

from failover.signals.brief import in_brief
from failover.signals.headline import headline
from failover.signals.situation import Situation

SENDER = "Cognito failover"
"""The topic's display name, which SNS puts before the text."""

MAX_LENGTH = 140 - len(f"{SENDER}> ")
"""What SNS sends as one message even if it takes the text for plain ASCII; a longer one comes in parts."""

_BEYOND_GSM = frozenset("[\\]^`{|}~")
"""Printable ASCII characters that cost two in the alphabet of text messages, or are not in it."""

_NAME_KEPT = 16
"""What is left of the name at least, of which the beginning tells most."""

_CUT = ".."


def text_of(situation: Situation) -> str:
    """Return at most `MAX_LENGTH` characters that every phone shows; what is too long for that is cut visibly."""
    brief, name = in_brief(situation), situation.settings.sign_in_name
    room_for_news = MAX_LENGTH - len(f". {brief} ") - min(len(name), _NAME_KEPT)
    news = f"{_fitting(headline(situation), room_for_news)}. {brief} "
    return _plain(f"{news}{_fitting(name, MAX_LENGTH - len(news))}")


def _fitting(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - len(_CUT)]}{_CUT}"


def _plain(text: str) -> str:
    return "".join(each if " " <= each <= "~" and each not in _BEYOND_GSM else "?" for each in text)
