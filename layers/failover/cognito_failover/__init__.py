"""Keeps sign-in alive when a Region of a replicated Cognito user pool fails."""

__version__ = "0.1.0"
