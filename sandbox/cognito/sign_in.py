"""Regional state of sign-ins: lockouts, sessions, and refresh tokens that are not yet replicated."""

from collections.abc import Callable

from sandbox.cognito.lockout import Lockout
from sandbox.cognito.pools import UserPools, parse_claims
from sandbox.cognito.replica_permissions import SIGN_IN_OPERATIONS, build_not_enabled_error
from sandbox.cognito.replicas import Replicas, UserPoolReplica
from sandbox.cognito.wire import AwsServiceError, JsonObject, UserPoolCall, parse_json_object
from sandbox.http_messages import EndpointResponse

_PASSWORD_FLOW = "USER_PASSWORD_AUTH"  # noqa: S105 - the name of a flow
_REFRESH_FLOWS = ("REFRESH_TOKEN", "REFRESH_TOKEN_AUTH")
_PRIMARY_ONLY_CHALLENGES = ("MFA_SETUP", "NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA")
_TOTP_CHALLENGES = ("MFA_SETUP", "SOFTWARE_TOKEN_MFA")
_WRONG_PASSWORD = "Incorrect username or password."  # noqa: S105 - the service's error message
_SESSION_SECONDS = 3 * 60
_OK = 200


class SignInTracker:
    """The regional state of sign-ins, in addition to the pools."""

    def __init__(self, pools: UserPools, replicas: Replicas, clock: Callable[[], float]) -> None:
        self._pools = pools
        self._replicas = replicas
        self._clock = clock
        self._lockout = Lockout(clock)
        self._sessions: dict[str, tuple[str, float]] = {}
        self._unreplicated_tokens: dict[str, str] = {}

    def reject_invalid_sign_in(self, call: UserPoolCall, *, is_replica: bool) -> None:
        """Reject a sign-in that the Region cannot accept, before its password is checked.

        Raises
        ------
        AwsServiceError
            ``NotAuthorizedException`` for a locked-out user, a session of another Region, and a refresh token that is
            not yet replicated. ``OperationNotEnabledException`` on a replica for a challenge whose answer is a write
            or a TOTP code (the exception is inferred). ``InvalidParameterException`` without a user name.

        """
        if call.operation not in SIGN_IN_OPERATIONS:
            return
        if is_replica and call.document.get("ChallengeName") in _PRIMARY_ONLY_CHALLENGES:
            raise build_not_enabled_error(call.operation)
        parameters = call.document.get("AuthParameters") or {}
        if call.document.get("AuthFlow") == _PASSWORD_FLOW and "USERNAME" not in parameters:
            raise AwsServiceError("InvalidParameterException", "Missing required parameter USERNAME")
        self._reject_invalid_session(call)
        if not self.has_token(call.region, _read_refresh_token(call)):
            raise AwsServiceError("NotAuthorizedException", "Invalid Refresh Token")
        if (user := self._find_password_user(call)) is not None:
            self._lockout.reject_locked_out(user)

    def record_response(self, call: UserPoolCall, response: EndpointResponse, *, is_replica: bool) -> None:
        """Update the regional state from a response.

        Raises
        ------
        AwsServiceError
            ``OperationNotEnabledException`` if a replica would ask for a TOTP code, which replicas do not support. The
            exception is inferred from its description in the API reference.

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
        """Return whether a refresh token, if valid, is known in a Region."""
        return self._unreplicated_tokens.get(_parse_token_family(token), region) == region

    def record_token(self, account: str, region: str, pool_id: str, token: str) -> None:
        """Record a refresh token that a Region has issued, and replicate it to the pool's other Region."""
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
        # Keep an expired session for a while: it is rejected as expired, not as unknown.
        self._sessions = {
            session: (region, ends_at)
            for session, (region, ends_at) in self._sessions.items()
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
        """Return the lockout key of a call with a password; None for a call without one."""
        parameters = call.document.get("AuthParameters") or {}
        if "PASSWORD" not in parameters:
            parameters = call.document.get("ChallengeResponses") or {}
            if not {"PASSWORD_CLAIM_SIGNATURE", "PASSWORD"} & parameters.keys():
                return None
        pool = self._pools.get(call.account, call.region, call.pool_id)
        if pool is None or "USERNAME" not in parameters:
            return None
        with self._pools.use_scope(call.account, call.region):
            username = self._pools.resolve_username(pool, parameters["USERNAME"])
        return call.account, call.region, call.pool_id, username


def _read_refresh_token(call: UserPoolCall) -> str:
    if call.operation == "GetTokensFromRefreshToken":
        return str(call.document.get("RefreshToken", ""))
    if call.document.get("AuthFlow") in _REFRESH_FLOWS:
        return str((call.document.get("AuthParameters") or {}).get("REFRESH_TOKEN", ""))
    return ""


def _parse_token_family(token: str) -> str:
    """Return the id that all tokens of one sign-in share."""
    return str(parse_claims(token).get("origin_jti", ""))


def _read_secret_block(parameters: JsonObject | None) -> str:
    """Return the handle of an SRP exchange, which has no ``CommandContext``."""
    parameters = parameters or {}
    return str(parameters.get("SECRET_BLOCK") or parameters.get("PASSWORD_CLAIM_SECRET_BLOCK") or "")
