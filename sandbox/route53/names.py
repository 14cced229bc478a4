"""Domain names in Route 53's format and order.

Route 53 stores names in lower case with a trailing dot. It writes every byte other than ``a-z 0-9 - _`` as a backslash
and three *octal* digits. The DNS text format uses decimal digits.
"""

import re
from functools import lru_cache

import dns.name

_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_")
_TOKEN = re.compile(r"\\([0-7]{3})|\\(.)|(.)", re.DOTALL)
_ESCAPED_ASTERISK = r"\052"


class InvalidNameError(ValueError):
    """An invalid domain name. The message names the violated rule."""


@lru_cache(maxsize=4096)
def normalize(text: str) -> str:
    r"""Return a name as Route 53 stores it: ``*.Example.com`` becomes ``\052.example.com.``.

    Raises
    ------
    InvalidNameError
        If a label is empty or longer than 63 bytes, or the name is longer than 255 bytes.

    """
    return write_labels(_parse_labels(text))


def to_dns(name: str) -> dns.name.Name:
    """Return a normalized name as DNS labels."""
    return dns.name.Name([*_parse_labels(name), b""])


def from_dns(name: dns.name.Name) -> str:
    """Return DNS labels as a normalized name."""
    return write_labels(name.labels[:-1] if name.is_absolute() else name.labels)


def write_labels(labels: tuple[bytes, ...]) -> str:
    """Return labels, without the root label, in Route 53's format."""
    return "".join(f"{_write_label(label)}." for label in labels) or "."


def build_sort_key(name: str) -> str:
    """Return Route 53's sort key of a name: the labels in reverse order, each with a dot."""
    return "".join(f"{label}." for label in reversed(name.rstrip(".").split(".")))


def is_within(name: str, zone: str) -> bool:
    """Return whether a name is the zone's apex or below it."""
    return name == zone or name.endswith(f".{zone}")


def get_wildcard(name: str) -> str:
    """Return the wildcard directly below a name."""
    return f"{_ESCAPED_ASTERISK}.{name}"


def get_parent(name: str) -> str:
    """Return the parent of a name."""
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
