"""Domain names as Route 53 writes and orders them.

Route 53 stores names in lower case with a trailing dot, and writes every byte other than ``a-z 0-9 - _`` as a
backslash and three *octal* digits; DNS's own text form uses decimal ones.
"""

import re
from functools import lru_cache

import dns.name

_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_")
_TOKEN = re.compile(r"\\([0-7]{3})|\\(.)|(.)", re.DOTALL)
_ESCAPED_ASTERISK = r"\052"


class InvalidNameError(ValueError):
    """Text that is not a domain name; says which rule it breaks."""


@lru_cache(maxsize=4096)
def normalize(text: str) -> str:
    r"""Give a name as Route 53 stores it: ``*.Example.com`` becomes ``\052.example.com.``.

    Raises
    ------
    InvalidNameError
        When a label is empty or longer than 63 bytes, or the name longer than 255.

    """
    return write_labels(_parse_labels(text))


def to_dns(name: str) -> dns.name.Name:
    """Give a normalized name as DNS labels."""
    return dns.name.Name([*_parse_labels(name), b""])


def from_dns(name: dns.name.Name) -> str:
    """Give DNS labels as a normalized name."""
    return write_labels(name.labels[:-1] if name.is_absolute() else name.labels)


def write_labels(labels: tuple[bytes, ...]) -> str:
    """Write labels, without the root's, as Route 53 does."""
    return "".join(f"{_write_label(label)}." for label in labels) or "."


def build_sort_key(name: str) -> str:
    """Give the text by which Route 53 orders names: the labels reversed, each with its dot."""
    return "".join(f"{label}." for label in reversed(name.rstrip(".").split(".")))


def is_within(name: str, zone: str) -> bool:
    """Say whether a name is a zone's own or below it."""
    return name == zone or name.endswith(f".{zone}")


def get_wildcard(name: str) -> str:
    """Give the wildcard directly below a name."""
    return f"{_ESCAPED_ASTERISK}.{name}"


def get_parent(name: str) -> str:
    """Give the name one label up."""
    return name.split(".", 1)[1] or "."


@lru_cache(maxsize=4096)
def _parse_labels(text: str) -> tuple[bytes, ...]:
    labels = [bytearray()]
    for octal, escaped, plain in _TOKEN.findall(text.removesuffix(".")):
        if plain == ".":
            labels.append(bytearray())
        else:
            labels[-1] += bytes([int(octal, 8) & 0xFF]) if octal else (escaped or plain).encode()
    if not text.removesuffix("."):
        return ()
    try:
        dns.name.Name([*map(bytes, labels), b""])
    except dns.name.EmptyLabel as error:
        raise InvalidNameError(f"DomainLabelEmpty (Domain label is empty) encountered with '{text}'") from error
    except dns.name.LabelTooLong as error:
        raise InvalidNameError(f"DomainLabelTooLong (Domain label is too long) encountered with '{text}'") from error
    except dns.name.NameTooLong as error:
        raise InvalidNameError(f"DomainNameTooLong (Domain name is too long) encountered with '{text}'") from error
    return tuple(bytes(label).lower() for label in labels)


def _write_label(label: bytes) -> str:
    return "".join(chr(byte) if byte in _PLAIN else f"\\{byte:03o}" for byte in label.lower())
