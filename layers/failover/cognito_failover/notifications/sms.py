"""A transition as one text message: what happened, the one thing to do, and where. Pure."""

from cognito_failover.notifications.call_to_action import format_call_to_action
from cognito_failover.notifications.context import EventContext
from cognito_failover.notifications.headline import format_headline

SENDER = "Cognito failover"
"""The topic's display name, which SNS puts before the text."""

MAX_LENGTH = 140 - len(f"{SENDER}> ")
"""What SNS sends as one message even if it takes the text for plain ASCII; a longer one comes in parts."""

_NON_GSM7 = frozenset("[\\]^`{|}~")
"""Printable ASCII characters that cost two in the alphabet of text messages, or are not in it."""

_MIN_NAME_LENGTH = 16
"""What is left of the name at least, of which the beginning tells most."""

_ELLIPSIS = ".."


def format_sms(context: EventContext) -> str:
    """Return at most `MAX_LENGTH` characters that every phone shows; what is too long for that is cut visibly."""
    call_to_action, name = format_call_to_action(context), context.settings.sign_in_name
    max_headline_length = MAX_LENGTH - len(f". {call_to_action} ") - min(len(name), _MIN_NAME_LENGTH)
    headline_text = f"{_truncate(format_headline(context), max_headline_length)}. {call_to_action} "
    return _to_gsm7(f"{headline_text}{_truncate(name, MAX_LENGTH - len(headline_text))}")


def _truncate(text: str, max_length: int) -> str:
    return text if len(text) <= max_length else f"{text[: max_length - len(_ELLIPSIS)]}{_ELLIPSIS}"


def _to_gsm7(text: str) -> str:
    return "".join(each if " " <= each <= "~" and each not in _NON_GSM7 else "?" for each in text)
