"""Set-up of a second factor during a sign-in: what a pool that requires one answers to a user without one.

As in moto's tests that were verified on AWS. The engine issues tokens instead.
"""

import json
import secrets

from sandbox.cognito.pools import UserPools
from sandbox.cognito.replica_permissions import SIGN_IN_OPERATIONS
from sandbox.cognito.wire import AwsServiceError, JsonObject, UserPoolCall

_SETUP = "MFA_SETUP"
_TOTP = "SOFTWARE_TOKEN_MFA"
_REFRESH_FLOWS = frozenset({"REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"})
_FACTOR_CHALLENGES = frozenset({_SETUP, _TOTP, "SMS_MFA", "EMAIL_OTP", "SMS_OTP"})

type _UserKey = tuple[str, str, str, str]
"""Account, Region, pool and username."""


class MfaSetup:
    """Sign-ins that wait for the set-up of a second factor."""

    def __init__(self, pools: UserPools) -> None:
        self._pools = pools
        self._waiting: dict[str, _UserKey] = {}
        self._associated: dict[str, tuple[_UserKey, str]] = {}
        self._verified: dict[str, _UserKey] = {}

    def reject_unverified(self, call: UserPoolCall) -> None:
        """Reject the answer to the challenge before the token is verified.

        Raises
        ------
        AwsServiceError
            ``NotAuthorizedException``.

        """
        is_answer = call.operation.endswith("RespondToAuthChallenge") and call.document.get("ChallengeName") == _SETUP
        if is_answer and call.document.get("Session") not in self._verified:
            raise AwsServiceError("NotAuthorizedException", "Invalid session for the user.")

    def adapt_answer(self, call: UserPoolCall, answer: JsonObject) -> JsonObject:
        """Return a successful answer as Cognito gives it, and remember what it begins."""
        session = str(call.document.get("Session") or "")
        if call.operation == "AssociateSoftwareToken" and session in self._waiting:
            self._associated[answer["Session"]] = (self._waiting[session], answer["SecretCode"])
        elif call.operation == "VerifySoftwareToken" and session in self._associated:
            user_key, secret = self._associated.pop(session)
            self._enroll(user_key, secret)
            self._verified[answer["Session"]] = user_key
        elif call.operation in SIGN_IN_OPERATIONS and "AuthenticationResult" in answer:
            return self._ask_for_factor(call) or {"ChallengeParameters": {}, **answer}
        return answer

    def _ask_for_factor(self, call: UserPoolCall) -> JsonObject | None:
        """Return the challenge for a user who needs a second factor and has none; None for another user."""
        pool = self._pools.get(call.account, call.region, call.pool_id)
        if pool is None or pool.get("MfaConfiguration") != "ON":
            return None
        if call.document.get("AuthFlow") in _REFRESH_FLOWS or call.document.get("ChallengeName") in _FACTOR_CHALLENGES:
            return None
        given = {**(call.document.get("AuthParameters") or {}), **(call.document.get("ChallengeResponses") or {})}
        if "USERNAME" not in given:
            return None
        with self._pools.use_scope(call.account, call.region):
            username = self._pools.resolve_username(pool, given["USERNAME"])
        if pool["_users"][username].get("_mfa_enabled"):
            return None
        session = secrets.token_urlsafe(32)
        self._waiting[session] = (call.account, call.region, call.pool_id, username)
        factors = [_TOTP] if pool.get("SoftwareTokenMfaConfiguration", {}).get("Enabled") else ["SMS_MFA"]
        return {
            "ChallengeName": _SETUP,
            "Session": session,
            "ChallengeParameters": {"MFAS_CAN_SETUP": json.dumps(factors), "USER_ID_FOR_SRP": username},
        }

    def _enroll(self, user_key: _UserKey, secret: str) -> None:
        account, region, pool_id, username = user_key
        pool = self._pools.get(account, region, pool_id)
        if pool is not None:
            user = pool["_users"][username]
            user |= {"_totp_secret": secret, "_mfa_enabled": [_TOTP], "_preferred_mfa": _TOTP}
