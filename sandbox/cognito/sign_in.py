"""What of a sign-in belongs to one Region: its lockouts, its sessions, and for a while its refresh tokens."""

from collections.abc import Callable

from sandbox.cognito.lockout import Lockout
from sandbox.cognito.pools import UserPools, parse_claims
from sandbox.cognito.replica_permissions import SIGN_IN_OPERATIONS, build_not_enabled_error
from sandbox.cognito.replicas import Replicas, UserPoolReplica
from sandbox.cognito.wire import AwsServiceError, JsonObject, UserPoolCall, parse_json_object
from sandbox.http_messages import EndpointResponse

_REFRESH_FLOWS = ("REFRESH_TOKEN", "REFRESH_TOKEN_AUTH")
_PRIMARY_ONLY_CHALLENGES = ("MFA_SETUP", "NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA")
_TOTP_CHALLENGES = ("MFA_SETUP", "SOFTWARE_TOKEN_MFA")
_WRONG_PASSWORD = "Incorrect username or password."  # noqa: S105 - what the service says of one
_SESSION_SECONDS = 3 * 60
_OK = 200


class SignInTracker:
    """What each Region remembers of sign-ins beside the pools themselves."""

    def __init__(self, pools: UserPools, replicas: Replicas, clock: Callable[[], float]) -> None:
        self._pools = pools
        self._replicas = replicas
        self._clock = clock
        self._lockout = Lockout(clock)
        self._sessions: dict[str, tuple[str, float]] = {}
        self._unreplicated_tokens: dict[str, str] = {}

    def reject_invalid_sign_in(self, call: UserPoolCall, *, is_replica: bool) -> None:
        """Refuse a sign-in, before its password is looked at, for what its Region knows or doesn't know.

        Raises
        ------
        Refusal
            ``NotAuthorizedException`` for a locked-out user, for a session that is not of this Region, and for
            a refresh token that has not got here yet; ``OperationNotEnabledException`` for a challenge whose
            answer is a write, or a TOTP code, on a replica (that it is this exception is inferred).

        """
        if call.operation not in SIGN_IN_OPERATIONS:
            return
        if is_replica and call.document.get("ChallengeName") in _PRIMARY_ONLY_CHALLENGES:
            raise build_not_enabled_error(call.operation)
        self._reject_invalid_session(call)
        if not self.has_token(call.region, _read_refresh_token(call)):
            raise AwsServiceError("NotAuthorizedException", "Invalid Refresh Token")
        if (user := self._find_password_user(call)) is not None:
            self._lockout.reject_locked_out(user)

    def record_response(self, call: UserPoolCall, response: EndpointResponse, *, is_replica: bool) -> None:
        """Remember what an answer means for later calls.

        Raises
        ------
        Refusal
            ``OperationNotEnabledException`` where a replica would ask for a TOTP code: it doesn't support
            TOTP. The exception is inferred from its description in the API, for what a replica doesn't do.

        """
        document = parse_json_object(response)
        self._record_session(call, document)
        if call.operation not in SIGN_IN_OPERATIONS:
            return
        if (user := self._find_password_user(call)) is not None:
            if response.status == _OK:
                self._lockout.clear_failures(user)
            elif document.get("message") == _WRONG_PASSWORD:
                self._lockout.record_failure(user)
        if is_replica and document.get("ChallengeName") in _TOTP_CHALLENGES:
            raise build_not_enabled_error(call.operation)
        if token := document.get("AuthenticationResult", {}).get("RefreshToken"):
            self.record_token(call.account, call.region, call.pool_id, token)

    def has_token(self, region: str, token: str) -> bool:
        """Whether a refresh token, if it is good at all, has got to a Region."""
        return self._unreplicated_tokens.get(_parse_token_family(token), region) == region

    def record_token(self, account: str, region: str, pool_id: str, token: str) -> None:
        """Remember that a Region has made a refresh token, which the pool's other Region is to learn."""
        replica = self._replicas.find(account, pool_id)
        if replica is not None:
            self._record_unreplicated_token(region, replica, _parse_token_family(token))

    def _reject_invalid_session(self, call: UserPoolCall) -> None:
        if not call.operation.endswith("RespondToAuthChallenge"):
            return
        handle = call.document.get("Session") or _read_secret_block(call.document.get("ChallengeResponses"))
        if not handle:
            raise AwsServiceError("InvalidParameterException", "Missing required parameter Session")
        region, ends_at = self._sessions.get(handle, ("", 0.0))
        if region != call.region:
            raise AwsServiceError("NotAuthorizedException", "Invalid session for the user.")
        if self._clock() >= ends_at:
            raise AwsServiceError("NotAuthorizedException", "Invalid session for the user, session is expired.")

    def _record_session(self, call: UserPoolCall, document: JsonObject) -> None:
        handle = document.get("Session") or _read_secret_block(document.get("ChallengeParameters"))
        if not handle:
            return
        now = self._clock()
        # An expired session is remembered as long again: until then it is refused as expired, not as unknown.
        self._sessions = {
            known: (region, ends_at)
            for known, (region, ends_at) in self._sessions.items()
            if now < ends_at + _SESSION_SECONDS
        }
        self._sessions[handle] = (call.region, now + self._get_session_seconds(call))

    def _get_session_seconds(self, call: UserPoolCall) -> float:
        pool = self._pools.get(call.account, call.region, call.pool_id) or {"_clients": {}}
        client = pool["_clients"].get(call.document.get("ClientId"), {})
        return float(client.get("AuthSessionValidity", _SESSION_SECONDS / 60)) * 60

    def _record_unreplicated_token(self, region: str, replica: UserPoolReplica, family: str) -> None:
        if not family or family in self._unreplicated_tokens:
            return
        self._unreplicated_tokens[family] = region

        def deliver() -> None:
            self._unreplicated_tokens.pop(family, None)

        self._replicas.replicate(replica, region, deliver)

    def _find_password_user(self, call: UserPoolCall) -> tuple[str, str, str, str] | None:
        """Return who tries a password, and where; None for a call that tries none."""
        given = call.document.get("AuthParameters") or {}
        if "PASSWORD" not in given:
            given = call.document.get("ChallengeResponses") or {}
            if not {"PASSWORD_CLAIM_SIGNATURE", "PASSWORD"} & given.keys():
                return None
        pool = self._pools.get(call.account, call.region, call.pool_id)
        if pool is None or "USERNAME" not in given:
            return None
        with self._pools.use_scope(call.account, call.region):
            return call.account, call.region, call.pool_id, self._pools.resolve_username(pool, given["USERNAME"])


def _read_refresh_token(call: UserPoolCall) -> str:
    if call.operation == "GetTokensFromRefreshToken":
        return str(call.document.get("RefreshToken", ""))
    if call.document.get("AuthFlow") in _REFRESH_FLOWS:
        return str((call.document.get("AuthParameters") or {}).get("REFRESH_TOKEN", ""))
    return ""


def _parse_token_family(token: str) -> str:
    """Return what a refresh token shares with all tokens of the same sign-in."""
    return str(parse_claims(token).get("origin_jti", ""))


def _read_secret_block(parameters: JsonObject | None) -> str:
    """Return the handle of an SRP exchange, which has no ``CommandContext``."""
    named = parameters or {}
    return str(named.get("SECRET_BLOCK") or named.get("PASSWORD_CLAIM_SECRET_BLOCK") or "")
