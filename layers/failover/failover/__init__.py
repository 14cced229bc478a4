"""Keeps sign-in alive when a Region of a replicated Cognito user pool fails."""
