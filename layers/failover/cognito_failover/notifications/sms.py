"""The text message about an event: what happened, the one thing to do, and for which domain. Pure."""

from cognito_failover.notifications.catalogue import format_call_to_action, format_headline
from cognito_failover.notifications.context import EventContext

SENDER = "Cognito failover"
"""The topic's display name, which SNS puts before the text."""

MAX_LENGTH = 140 - len(f"{SENDER}> ")
"""The longest text that SNS sends in one part, even if it does not detect plain ASCII."""

_NON_GSM7 = frozenset("[\\]^`{|}~")
"""Printable ASCII characters that the GSM-7 alphabet lacks or counts as two."""

_MIN_NAME_LENGTH = 16
"""How much of a long domain name stays at least."""

_ELLIPSIS = ".."


def format_sms(context: EventContext) -> str:
    """Return at most `MAX_LENGTH` characters that every phone shows. Cut texts end with two dots."""
    call_to_action, name = format_call_to_action(context), context.settings.sign_in_name
    max_headline_length = MAX_LENGTH - len(f". {call_to_action} ") - min(len(name), _MIN_NAME_LENGTH)
    news = f"{_truncate(format_headline(context), max_headline_length)}. {call_to_action} "
    return _to_gsm7(f"{news}{_truncate(name, MAX_LENGTH - len(news))}")


def _truncate(text: str, max_length: int) -> str:
    return text if len(text) <= max_length else f"{text[: max_length - len(_ELLIPSIS)]}{_ELLIPSIS}"


def _to_gsm7(text: str) -> str:
    return "".join(character if " " <= character <= "~" and character not in _NON_GSM7 else "?" for character in text)
