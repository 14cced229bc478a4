"""What of a sign-in belongs to one Region: its lockouts, its sessions, and for a while its refresh tokens."""

from collections.abc import Callable

from sandbox.cognito.lockout import Lockout
from sandbox.cognito.permitted import SIGN_IN, not_enabled
from sandbox.cognito.pools import Pools, claims_of
from sandbox.cognito.replicas import Replica, Replicas
from sandbox.cognito.wire import Call, Document, Refusal, document_of
from sandbox.exchange import Response

_REFRESH_FLOWS = ("REFRESH_TOKEN", "REFRESH_TOKEN_AUTH")
_PRIMARY_ONLY_CHALLENGES = ("MFA_SETUP", "NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA")
_TOTP_CHALLENGES = ("MFA_SETUP", "SOFTWARE_TOKEN_MFA")
_WRONG_PASSWORD = "Incorrect username or password."  # noqa: S105 - what the service says of one
_SESSION_SECONDS = 3 * 60
_OK = 200


class SignIns:
    """What each Region remembers of sign-ins beside the pools themselves."""

    def __init__(self, pools: Pools, replicas: Replicas, clock: Callable[[], float]) -> None:
        self._pools = pools
        self._replicas = replicas
        self._clock = clock
        self._lockout = Lockout(clock)
        self._sessions: dict[str, tuple[str, float]] = {}
        self._only_in: dict[str, str] = {}

    def check(self, call: Call, *, secondary: bool) -> None:
        """Refuse a sign-in, before its password is looked at, for what its Region knows or doesn't know.

        Raises
        ------
        Refusal
            ``NotAuthorizedException`` for a locked-out user, for a session that is not of this Region, and for
            a refresh token that has not got here yet; ``OperationNotEnabledException`` for a challenge whose
            answer is a write, or a TOTP code, on a replica (that it is this exception is inferred).

        """
        if call.operation not in SIGN_IN:
            return
        if secondary and call.document.get("ChallengeName") in _PRIMARY_ONLY_CHALLENGES:
            raise not_enabled(call.operation)
        self._check_session(call)
        if not self.knows_token(call.region, _refresh_token(call)):
            raise Refusal("NotAuthorizedException", "Invalid Refresh Token")
        if (user := self._password_user(call)) is not None:
            self._lockout.check(user)

    def answered(self, call: Call, response: Response, *, secondary: bool) -> None:
        """Remember what an answer means for later calls.

        Raises
        ------
        Refusal
            ``OperationNotEnabledException`` where a replica would ask for a TOTP code: it doesn't support
            TOTP. The exception is inferred from its description in the API, for what a replica doesn't do.

        """
        document = document_of(response)
        self._remember_session(call, document)
        if call.operation not in SIGN_IN:
            return
        if (user := self._password_user(call)) is not None:
            if response.status == _OK:
                self._lockout.succeeded(user)
            elif document.get("message") == _WRONG_PASSWORD:
                self._lockout.failed(user)
        if secondary and document.get("ChallengeName") in _TOTP_CHALLENGES:
            raise not_enabled(call.operation)
        if token := document.get("AuthenticationResult", {}).get("RefreshToken"):
            self.token_issued(call.account, call.region, call.pool_id, token)

    def knows_token(self, region: str, token: str) -> bool:
        """Whether a refresh token, if it is good at all, has got to a Region."""
        return self._only_in.get(_token_family(token), region) == region

    def token_issued(self, account: str, region: str, pool_id: str, token: str) -> None:
        """Remember that a Region has made a refresh token, which the pool's other Region is to learn."""
        replica = self._replicas.of(account, pool_id)
        if replica is not None:
            self._remember_token(region, replica, _token_family(token))

    def _check_session(self, call: Call) -> None:
        if not call.operation.endswith("RespondToAuthChallenge"):
            return
        handle = call.document.get("Session") or _secret_block(call.document.get("ChallengeResponses"))
        if not handle:
            raise Refusal("InvalidParameterException", "Missing required parameter Session")
        region, ends_at = self._sessions.get(handle, ("", 0.0))
        if region != call.region:
            raise Refusal("NotAuthorizedException", "Invalid session for the user.")
        if self._clock() >= ends_at:
            raise Refusal("NotAuthorizedException", "Invalid session for the user, session is expired.")

    def _remember_session(self, call: Call, document: Document) -> None:
        handle = document.get("Session") or _secret_block(document.get("ChallengeParameters"))
        if not handle:
            return
        now = self._clock()
        # An expired session is remembered as long again: until then it is refused as expired, not as unknown.
        self._sessions = {
            known: (region, ends_at)
            for known, (region, ends_at) in self._sessions.items()
            if now < ends_at + _SESSION_SECONDS
        }
        self._sessions[handle] = (call.region, now + self._session_seconds(call))

    def _session_seconds(self, call: Call) -> float:
        pool = self._pools.get(call.account, call.region, call.pool_id) or {"_clients": {}}
        client = pool["_clients"].get(call.document.get("ClientId"), {})
        return float(client.get("AuthSessionValidity", _SESSION_SECONDS / 60)) * 60

    def _remember_token(self, region: str, replica: Replica, family: str) -> None:
        if not family or family in self._only_in:
            return
        self._only_in[family] = region

        def deliver() -> None:
            self._only_in.pop(family, None)

        self._replicas.send(replica, region, deliver)

    def _password_user(self, call: Call) -> tuple[str, str, str, str] | None:
        """Return who tries a password, and where; None for a call that tries none."""
        given = call.document.get("AuthParameters") or {}
        if "PASSWORD" not in given:
            given = call.document.get("ChallengeResponses") or {}
            if not {"PASSWORD_CLAIM_SIGNATURE", "PASSWORD"} & given.keys():
                return None
        pool = self._pools.get(call.account, call.region, call.pool_id)
        if pool is None or "USERNAME" not in given:
            return None
        with self._pools.scope(call.account, call.region):
            return call.account, call.region, call.pool_id, self._pools.username(pool, given["USERNAME"])


def _refresh_token(call: Call) -> str:
    if call.operation == "GetTokensFromRefreshToken":
        return str(call.document.get("RefreshToken", ""))
    if call.document.get("AuthFlow") in _REFRESH_FLOWS:
        return str((call.document.get("AuthParameters") or {}).get("REFRESH_TOKEN", ""))
    return ""


def _token_family(token: str) -> str:
    """Return what a refresh token shares with all tokens of the same sign-in."""
    return str(claims_of(token).get("origin_jti", ""))


def _secret_block(parameters: Document | None) -> str:
    """Return the handle of an SRP exchange, which has no ``Session``."""
    named = parameters or {}
    return str(named.get("SECRET_BLOCK") or named.get("PASSWORD_CLAIM_SECRET_BLOCK") or "")
