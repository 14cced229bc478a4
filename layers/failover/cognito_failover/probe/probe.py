"""One observer's round: probes Cognito and target in both Regions, and the witnesses, all in parallel."""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_any_true, wait_for_result
from cognito_failover.common.error_boundary import summarize_error
from cognito_failover.common.errors import LedgerUnavailableError
from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.core.canary_backoff import Backoff, Backoffs, close_backoff, compute_next_backoff
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.probe_result import (
    Challenged,
    FailureKind,
    NoResponse,
    ProbeResult,
    SignInSuccess,
    Skipped,
    SkipReason,
    TokenCheck,
    TokenProblem,
    UnexpectedClaims,
    Unverified,
    Verified,
    get_latency,
    is_password_rejected,
)
from cognito_failover.core.verdict import ProbeResults, RegionVerdict, Verdict, evaluate_both_regions
from cognito_failover.probe.canary_credentials import Canary, CanarySecretError, Credentials, SecretReader
from cognito_failover.probe.explanation import explain_verdict, get_reason_code
from cognito_failover.probe.https_client import HttpsClient, HttpsEndpoint, Timeouts
from cognito_failover.probe.jwks_cache import JwksCache, JwksStore, list_key_sources
from cognito_failover.probe.login import LoginClient
from cognito_failover.probe.probe_targets import ProbeTargets, build_probe_targets, is_reachable
from cognito_failover.probe.token_verification import ExpectedClaims, verify_tokens
from cognito_failover.settings.probe import ProbeSettings

_log = logging.getLogger(__name__)


class _Path(StrEnum):
    """The two paths into a Region."""

    LOGIN = "login"
    TARGET = "target"


type _ProbeId = tuple[RegionRole, _Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySession:
    """An access token of the canary, and its subject. The repr hides the token."""

    access_token: str = field(repr=False)
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _RetryResult:
    """Results of the retry with new credentials. Empty if the credentials had not changed."""

    credentials: Credentials
    results: Mapping[_ProbeId, ProbeResult]


class Probe:
    """Makes observations.

    Parameters
    ----------
    observer
        The Region in which this runs.
    settings
        Timeouts, names, and expected token claims.
    probe_targets
        The endpoints to probe.
    login
        Signs the canary in.
    canary
        Caches the canary's credentials.
    keys
        Caches the pool's public keys.
    retries_rejected_canary
        Whether this observer tries a rejected password again after a pause. Only one observer should: every try
        counts towards a lockout.
    clock
        Seconds since the epoch.
    monotonic
        Seconds, for durations.

    """

    def __init__(
        self,
        *,
        observer: str,
        settings: ProbeSettings,
        probe_targets: ProbeTargets,
        login: LoginClient,
        canary: Canary,
        keys: JwksCache,
        retries_rejected_canary: bool = True,
        clock: Callable[[], Instant] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._observer = observer
        self._settings = settings
        self._probe_targets = probe_targets
        self._endpoints: dict[_ProbeId, HttpsEndpoint] = {
            **{(role, _Path.LOGIN): endpoint for role, endpoint in probe_targets.logins},
            **{(role, _Path.TARGET): target.endpoint for role, target in probe_targets.targets if target},
        }
        self._login = login
        self._canary = canary
        self._keys = keys
        self._retries_rejected_canary = retries_rejected_canary
        self._clock = clock
        self._monotonic = monotonic
        self._sessions: PerRole[CanarySession | None] = PerRole(primary=None, standby=None)

    @property
    def sessions(self) -> PerRole[CanarySession | None]:
        """The canary's session in each Region from the last round, or None where its sign-in did not succeed."""
        return self._sessions

    @classmethod
    def from_settings(
        cls,
        settings: ProbeSettings,
        *,
        observer: str,
        jwks_store: JwksStore,
        secret: SecretReader,
        retries_rejected_canary: bool = True,
    ) -> "Probe":
        """Build the probe that the settings describe. Makes no network call."""
        https = HttpsClient(
            Timeouts(connect_seconds=settings.connect_timeout_seconds, read_seconds=settings.read_timeout_seconds)
        )
        return cls(
            observer=observer,
            settings=settings,
            probe_targets=build_probe_targets(settings),
            login=LoginClient(client_id=settings.client_id, https=https, monotonic=time.monotonic),
            canary=Canary(secret),
            keys=JwksCache(store=jwks_store, sources=list_key_sources(settings), https=https, clock=time.time),
            retries_rejected_canary=retries_rejected_canary,
        )

    @property
    def login(self) -> LoginClient:
        """The client that signs the canary in."""
        return self._login

    @property
    def canary(self) -> Canary:
        """The cache of the canary's credentials."""
        return self._canary

    def warm_up(self, deadline: Deadline) -> None:
        """Read the canary's secret and the stored keys before the deadline, unless they are in memory.

        A failure is logged. Later rounds run without the missing part and report that.
        """
        calls: dict[str, Future[object]] = {}
        if self._canary.cached is None:
            calls["the canary's secret"] = run_in_thread(self._canary.read, name="canary-secret")
        calls["the stored keys"] = run_in_thread(self._keys.load, name="stored-keys")
        for description, call in calls.items():
            try:
                wait_for_result(deadline, call, default=None)
            except (CanarySecretError, LedgerUnavailableError) as error:
                _log.warning("Could not read %s: %s", description, error)

    def refresh_canary(self, deadline: Deadline) -> None:
        """Read the canary's secret again if that is due. Call this outside the path to a decision.

        A failure is logged. The cached credentials stay in use.
        """
        if not self._canary.is_reread_due:
            return
        reading: Future[object] = run_in_thread(self._canary.read, name="canary-secret")
        try:
            wait_for_result(deadline, reading, default=None)
        except CanarySecretError as error:
            _log.warning("Could not read the canary's secret again: %s", error)

    def refresh_keys(self, deadline: Deadline) -> None:
        """Fetch the public keys if that is due. Call this outside the path to a decision.

        Raises
        ------
        LedgerUnavailableError
            If the stored keys can't be read, or the fetched keys can't be stored.

        """
        if self._keys.is_refresh_due and not self._keys.refresh(deadline):
            _log.warning("No endpoint served the pool's public keys. The cached keys stay in use.")

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        """Make one round. It ends within the probe deadline, even if calls hang.

        Parameters
        ----------
        backoffs
            The canary's backoff in each Region.

        Returns
        -------
        tuple[Observation, Backoffs]
            The observation, and the backoffs after it.

        """
        deadline = Deadline(self._settings.probe_deadline_seconds, monotonic=self._monotonic)
        witnesses = [
            run_in_thread(partial(is_reachable, self._login.https, witness), name=f"witness-{witness.host}")
            for witness in self._probe_targets.witnesses
        ]
        credentials = self._canary.cached
        if credentials is None:
            run_in_thread(self._canary.read, name="canary-secret")  # for the next round: this one does not wait for it
        results_by_probe = self._run_probes(credentials, backoffs, deadline)
        if credentials is not None:
            retried = self._retry_with_new_credentials(results_by_probe, credentials, deadline)
            results_by_probe = self._check_tokens({**results_by_probe, **retried.results}, credentials, retried)
        results = PerRole(
            primary=_to_probe_results(results_by_probe, RegionRole.PRIMARY),
            standby=_to_probe_results(results_by_probe, RegionRole.STANDBY),
        )
        self._canary.set_doubt(is_in_doubt=any(map(_is_canary_contradicted, results_by_probe.values())))
        self._sessions = PerRole(
            primary=_build_session(results.primary.login), standby=_build_session(results.standby.login)
        )
        witness_answered = wait_for_any_true(deadline, witnesses)
        region_verdicts = evaluate_both_regions(results, witness_answered=witness_answered)
        now, version = self._clock(), self._canary.cached.version if self._canary.cached else ""

        def update(role: RegionRole) -> Backoff:
            return update_backoff(backoffs[role], results[role], region_verdicts[role], now=now, version=version)

        backoffs_after = PerRole(primary=update(RegionRole.PRIMARY), standby=update(RegionRole.STANDBY))

        def build_reading(role: RegionRole) -> Reading:
            reading = self._build_reading(role, results[role], region_verdicts[role], witness_answered=witness_answered)
            backoff = backoffs_after[role]
            return replace(reading, resting_reason=backoff.reason if backoff.is_half_open else None)

        observation = Observation(
            observer=self._observer,
            observed_at=now,
            readings=PerRole(primary=build_reading(RegionRole.PRIMARY), standby=build_reading(RegionRole.STANDBY)),
            witness_answered=witness_answered,
        )
        return observation, backoffs_after

    def _run_probes(
        self, credentials: Credentials | None, backoffs: Backoffs, deadline: Deadline
    ) -> Mapping[_ProbeId, ProbeResult]:
        now, version = self._clock(), credentials.version if credentials else ""
        calls: dict[_ProbeId, Callable[[], ProbeResult]] = {}
        for role, endpoint in self._probe_targets.logins:
            backoff = backoffs[role]
            is_blocked = backoff.is_blocked(now, version) or (
                backoff.is_half_open and not self._retries_rejected_canary
            )
            skipped = _find_skip(credentials, backoff, is_blocked=is_blocked, now=now)
            calls[role, _Path.LOGIN] = partial(self._sign_in, endpoint, credentials, skipped)
        for role, target in self._probe_targets.targets:
            if target and target.path:
                calls[role, _Path.TARGET] = partial(target.request_path, self._login)
            elif target:
                skipped = _find_skip(credentials, backoffs[role], is_blocked=backoffs[role].is_half_open, now=now)
                calls[role, _Path.TARGET] = partial(self._sign_in, target.endpoint, credentials, skipped)
        return _run_all(calls, deadline)

    def _sign_in(
        self, endpoint: HttpsEndpoint, credentials: Credentials | None, skipped: Skipped | None
    ) -> ProbeResult:
        if credentials is None or skipped:
            # A broken canary must not hide an outage: still ask, without the canary.
            answer = self._login.ask_without_user(endpoint)
            skipped = skipped or Skipped(reason=SkipReason.NO_CREDENTIALS)
            return answer if isinstance(answer, NoResponse) else replace(skipped, http_status=answer)
        return self._login.sign_in(endpoint, credentials)

    def _retry_with_new_credentials(
        self, results_by_probe: Mapping[_ProbeId, ProbeResult], rejected: Credentials, deadline: Deadline
    ) -> "_RetryResult":
        """Retry the probes whose password was rejected, if the secret has a new version."""
        probe_ids = [probe_id for probe_id, result in results_by_probe.items() if is_password_rejected(result)]
        credentials = self._reread_credentials(rejected, deadline) if probe_ids else None
        if credentials is None:
            return _RetryResult(credentials=rejected, results={})
        calls = {
            probe_id: partial(self._login.sign_in, self._endpoints[probe_id], credentials) for probe_id in probe_ids
        }
        retried = _run_all(calls, deadline)
        # A retry that the deadline ended has no result, so the first rejection stays.
        completed = {probe_id: result for probe_id, result in retried.items() if result != _DEADLINE_EXCEEDED}
        return _RetryResult(credentials=credentials, results=completed)

    def _reread_credentials(self, rejected: Credentials, deadline: Deadline) -> Credentials | None:
        reading = run_in_thread(partial(self._canary.reread_if_changed, rejected), name="canary-secret")
        try:
            return wait_for_result(deadline, reading, default=None)
        except CanarySecretError as error:
            _log.warning("Cognito refused the canary's password, and its secret could not be read again: %s", error)
            return None

    def _check_tokens(
        self, results_by_probe: Mapping[_ProbeId, ProbeResult], credentials: Credentials, retried: "_RetryResult"
    ) -> Mapping[_ProbeId, ProbeResult]:
        """Return the results with verified tokens. If the secret gives no ``sub``, all must have the primary's.

        The retried probes may belong to another user than the others, so each group has its own ``sub``.
        """
        subjects = {False: credentials.subject, True: retried.credentials.subject}
        usernames = {False: credentials.username, True: retried.credentials.username}
        checked = dict(results_by_probe)
        for probe_id, result in results_by_probe.items():
            if not isinstance(result, SignInSuccess):
                continue
            is_retried = probe_id in retried.results
            try:
                check = self._verify_tokens(result, subjects[is_retried], usernames[is_retried])
            except Exception as error:  # noqa: BLE001 - an internal error must not count against the Region or end the round
                _log.error("Checking tokens failed with an internal error: %s", summarize_error(error))
                checked[probe_id] = Skipped(reason=SkipReason.PROBE_ERROR)
                continue
            checked[probe_id] = replace(result, check=check)
            if not subjects[is_retried] and not isinstance(check, TokenProblem):
                subjects = {group: subject or check.subject for group, subject in subjects.items()}
        return checked

    def _verify_tokens(self, result: SignInSuccess, subject: str, username: str) -> TokenCheck:
        expected = ExpectedClaims(
            issuer=self._settings.expected_issuer,
            client_id=self._settings.client_id,
            subject=subject,
            username=username,
            now=self._clock(),
        )
        check = verify_tokens(result.tokens, keys=self._keys.cached, expected=expected)
        if isinstance(check, Unverified):
            self._keys.record_unknown_kid()
        return check

    def _build_reading(
        self, role: RegionRole, results: ProbeResults, region_verdict: RegionVerdict, *, witness_answered: bool
    ) -> Reading:
        return Reading(
            verdict=region_verdict.verdict,
            detail=explain_verdict(
                self._settings.regions[role],
                results,
                region_verdict,
                witness_answered=witness_answered,
                timeouts=self._login.https.timeouts,
            ),
            code=get_reason_code(results, region_verdict),
            login_verdict=region_verdict.login,
            target_verdict=region_verdict.target,
            login_latency_seconds=get_latency(results.login),
            target_latency_seconds=get_latency(results.target) if results.target else None,
        )


def update_backoff(
    backoff: Backoff, results: ProbeResults, region_verdict: RegionVerdict, *, now: Instant, version: str = ""
) -> Backoff:
    """Return the canary's backoff in a Region after a round.

    A rejected password or a challenge, through either path or both, counts as one. A successful login resets the count.
    Any other result changes nothing.
    """
    reason = _find_rest_reason(results, region_verdict)
    if reason is not None:
        return compute_next_backoff(backoff, now=now, reason=reason, version=version)
    return close_backoff(backoff, now=now) if isinstance(results.login, SignInSuccess) else backoff


def _find_rest_reason(results: ProbeResults, region_verdict: RegionVerdict) -> SkipReason | None:
    """Return why the canary must rest, or None."""
    if isinstance(results.login, Challenged) or isinstance(results.target, Challenged):
        return SkipReason.CHALLENGED
    is_target_rejected = results.target is not None and is_password_rejected(results.target)
    if not (is_target_rejected or is_password_rejected(results.login)):
        return None
    if Verdict.NOT_READY in {region_verdict.login, region_verdict.target}:
        return SkipReason.NOT_REPLICATED
    is_accepted_by_cognito = isinstance(results.login, SignInSuccess)
    return SkipReason.TARGET_REFUSED if is_accepted_by_cognito else SkipReason.CANARY_REFUSED


def _find_skip(credentials: Credentials | None, backoff: Backoff, *, is_blocked: bool, now: Instant) -> Skipped | None:
    if credentials is None:
        return Skipped(reason=SkipReason.NO_CREDENTIALS)
    if not is_blocked:
        return None
    return Skipped(reason=backoff.reason, retry_at=backoff.blocked_until if backoff.blocked_until > now else None)


_DEADLINE_EXCEEDED = NoResponse(kind=FailureKind.DEADLINE)


def _run_all(calls: Mapping[_ProbeId, Callable[[], ProbeResult]], deadline: Deadline) -> dict[_ProbeId, ProbeResult]:
    futures = {(role, path): run_in_thread(call, name=f"{path}-{role}") for (role, path), call in calls.items()}
    return {probe_id: _wait_for_result(deadline, future) for probe_id, future in futures.items()}


def _wait_for_result(deadline: Deadline, future: Future[ProbeResult]) -> ProbeResult:
    try:
        return wait_for_result(deadline, future, default=_DEADLINE_EXCEEDED)
    except Exception:  # noqa: BLE001 - an internal error must not count against the Region or end the round
        _log.exception("A probe failed with an internal error.")
        return Skipped(reason=SkipReason.PROBE_ERROR)


def _is_canary_contradicted(result: ProbeResult) -> bool:
    match result:
        case SignInSuccess(check=UnexpectedClaims()) | Challenged():
            return True
        case Skipped():
            return result.reason not in {SkipReason.NO_CREDENTIALS, SkipReason.PROBE_ERROR}
        case _:
            return is_password_rejected(result)


def _build_session(result: ProbeResult) -> CanarySession | None:
    if isinstance(result, SignInSuccess) and isinstance(result.check, Verified | Unverified) and result.check.subject:
        return CanarySession(access_token=result.tokens.access_token, subject=result.check.subject)
    return None


def _to_probe_results(results_by_probe: Mapping[_ProbeId, ProbeResult], role: RegionRole) -> ProbeResults:
    return ProbeResults(login=results_by_probe[role, _Path.LOGIN], target=results_by_probe.get((role, _Path.TARGET)))
