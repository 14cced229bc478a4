"""Passwords for the canary."""

import secrets

_RANDOM_BYTES = 72
_ONE_OF_EACH_KIND = "aA1!"


def new_password() -> str:
    """Return a password of 100 characters, which every password policy accepts: they ask for 99 at most."""
    return secrets.token_urlsafe(_RANDOM_BYTES) + _ONE_OF_EACH_KIND
