"""Passwords for the canary."""

import secrets

_RANDOM_BYTES = 72
_REQUIRED_CHARACTERS = "aA1!"


def generate_password() -> str:
    """Return a password of 100 characters, which every password policy accepts: they ask for 99 at most."""
    return secrets.token_urlsafe(_RANDOM_BYTES) + _REQUIRED_CHARACTERS
