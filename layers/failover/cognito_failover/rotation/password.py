"""Passwords for the canary users."""

import secrets

_RANDOM_BYTES = 72
_REQUIRED_CHARACTERS = "aA1!"


def generate_password() -> str:
    """Return a random password of 100 characters. A Cognito password policy asks for at most 99."""
    return secrets.token_urlsafe(_RANDOM_BYTES) + _REQUIRED_CHARACTERS
