"""One observer's round: both Regions, by both ways into them, and the witnesses, all at once."""

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
from cognito_failover.core.canary_backoff import CLOSED, Backoff, Backoffs, compute_next_backoff
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
    """The two ways into a Region."""

    LOGIN = "login"
    TARGET = "target"


type _ProbeId = tuple[RegionRole, _Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySession:
    """An access token of the canary, and whose it is; never shown."""

    access_token: str = field(repr=False)
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _RetryResult:
    """What was answered to credentials that had been renewed; nothing where they had not."""

    credentials: Credentials
    results: Mapping[_ProbeId, ProbeResult]


class Probe:
    """Makes observations.

    Parameters
    ----------
    observer
        The Region this runs in.
    settings
        Timeouts, names, and what tokens must say.
    places
        What to ask.
    login
        Signs the canary in.
    canary
        Holds the credentials.
    keys
        Holds the pool's public keys.
    tries_refused_canary
        Whether this observer is the one that tries a refused password again after a pause: every try counts towards
        a lockout, whoever makes it.
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
            **{(side, _Path.LOGIN): endpoint for side, endpoint in probe_targets.logins},
            **{(side, _Path.TARGET): target.endpoint for side, target in probe_targets.targets if target},
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
        """What the last round was given at Cognito in each Region; None where it wasn't let in."""
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
        """Build the probe that the settings describe; nothing is asked of the network yet."""
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
        """What signs the canary in."""
        return self._login

    @property
    def canary(self) -> Canary:
        """What holds its credentials."""
        return self._canary

    def warm_up(self, deadline: Deadline) -> None:
        """Read the canary's secret and the kept keys, if they are not yet held, and no longer than the deadline.

        Whatever fails is logged; the rounds go on without it and say so.
        """
        calls: dict[str, Future[object]] = {}
        if self._canary.cached is None:
            calls["the canary's secret"] = run_in_thread(self._canary.read, name="canary-secret")
        calls["the kept keys"] = run_in_thread(self._keys.load, name="kept-keys")
        for what, call in calls.items():
            try:
                wait_for_result(deadline, call, default=None)
            except (CanarySecretError, LedgerUnavailableError) as error:
                _log.warning("Could not read %s: %s", what, error)

    def refresh_canary(self, deadline: Deadline) -> None:
        """Read the canary's secret again if that is due. To be called away from the path to a decision.

        Whatever fails is logged; what is held stays in use.
        """
        if not self._canary.is_reread_due:
            return
        reading: Future[object] = run_in_thread(self._canary.read, name="canary-secret")
        try:
            wait_for_result(deadline, reading, default=None)
        except CanarySecretError as error:
            _log.warning("Could not read the canary's secret again: %s", error)

    def refresh_keys(self, deadline: Deadline) -> None:
        """Fetch the public keys if that is due. To be called away from the path to a decision.

        Raises
        ------
        LedgerUnavailableError
            If what was kept can't be read, or what was fetched can't be kept.

        """
        if self._keys.is_refresh_due and not self._keys.refresh(deadline):
            _log.warning("No endpoint served the pool's public keys; those kept from before stay in use.")

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        """Make one round within the probe deadline, whatever hangs.

        Parameters
        ----------
        backoffs
            How the canary stands in each Region, as all observers know it.

        Returns
        -------
        tuple[Observation, Backoffs]
            What was seen, and how the canary stands after it.

        """
        deadline = Deadline(self._settings.probe_deadline_seconds, monotonic=self._monotonic)
        witnesses = [
            run_in_thread(partial(is_reachable, self._login.https, place), name=f"witness-{place.host}")
            for place in self._probe_targets.witnesses
        ]
        credentials = self._canary.cached
        if credentials is None:
            run_in_thread(self._canary.read, name="canary-secret")  # for the next round; this one is under way
        results_by_probe = self._run_probes(credentials, backoffs, deadline)
        if credentials is not None:
            retried = self._retry_with_new_credentials(results_by_probe, credentials, deadline)
            results_by_probe = self._check_tokens({**results_by_probe, **retried.results}, credentials, retried)
        results = PerRole(
            primary=_to_probe_results(results_by_probe, RegionRole.PRIMARY),
            standby=_to_probe_results(results_by_probe, RegionRole.STANDBY),
        )
        self._sessions = PerRole(
            primary=_build_session(results.primary.login), standby=_build_session(results.standby.login)
        )
        witness_answered = wait_for_any_true(deadline, witnesses)
        region_verdicts = evaluate_both_regions(results, witness_answered=witness_answered)
        now = self._clock()

        def build_reading(role: RegionRole) -> Reading:
            return self._build_reading(role, results[role], region_verdicts[role], witness_answered=witness_answered)

        observation = Observation(
            observer=self._observer,
            observed_at=now,
            readings=PerRole(primary=build_reading(RegionRole.PRIMARY), standby=build_reading(RegionRole.STANDBY)),
            witness_answered=witness_answered,
        )
        return observation, PerRole(
            primary=update_backoff(backoffs.primary, results.primary, region_verdicts.primary, now=now),
            standby=update_backoff(backoffs.standby, results.standby, region_verdicts.standby, now=now),
        )

    def _run_probes(
        self, credentials: Credentials | None, backoffs: Backoffs, deadline: Deadline
    ) -> Mapping[_ProbeId, ProbeResult]:
        now = self._clock()
        calls: dict[_ProbeId, Callable[[], ProbeResult]] = {}
        for side, place in self._probe_targets.logins:
            is_blocked = backoffs[side].is_blocked(now) or (
                backoffs[side].is_half_open and not self._retries_rejected_canary
            )
            skip_reason = _get_skip_reason(credentials, backoffs[side], is_blocked=is_blocked)
            calls[side, _Path.LOGIN] = partial(self._sign_in, place, credentials, skip_reason)
        for side, target in self._probe_targets.targets:
            if target and target.path:
                calls[side, _Path.TARGET] = partial(target.request_path, self._login)
            elif target:
                skip_reason = _get_skip_reason(credentials, backoffs[side], is_blocked=backoffs[side].is_half_open)
                calls[side, _Path.TARGET] = partial(self._sign_in, target.endpoint, credentials, skip_reason)
        return _run_all(calls, deadline)

    def _sign_in(
        self, endpoint: HttpsEndpoint, credentials: Credentials | None, skip_reason: SkipReason | None
    ) -> ProbeResult:
        if credentials is None or skip_reason:
            # A broken canary must not hide a dead Region: it is still heard whether anybody is there.
            return self._login.check_reachable(endpoint) or Skipped(reason=skip_reason or SkipReason.NO_CREDENTIALS)
        return self._login.sign_in(endpoint, credentials)

    def _retry_with_new_credentials(
        self, results_by_probe: Mapping[_ProbeId, ProbeResult], rejected: Credentials, deadline: Deadline
    ) -> "_RetryResult":
        """Repeat what the password was refused for, if the secret has got another version meanwhile."""
        probe_ids = [way for way, answer in results_by_probe.items() if is_password_rejected(answer)]
        credentials = self._reread_credentials(rejected, deadline) if probe_ids else None
        if credentials is None:
            return _RetryResult(credentials=rejected, results={})
        calls = {way: partial(self._login.sign_in, self._endpoints[way], credentials) for way in probe_ids}
        retried = _run_all(calls, deadline)
        # A second attempt cut short by the deadline says nothing; the first one's refusal then stands.
        completed = {way: answer for way, answer in retried.items() if answer != _DEADLINE_EXCEEDED}
        return _RetryResult(credentials=credentials, results=completed)

    def _reread_credentials(self, rejected: Credentials, deadline: Deadline) -> Credentials | None:
        reading = run_in_thread(partial(self._canary.reread_if_changed, rejected), name="canary-secret")
        try:
            return wait_for_result(deadline, reading, default=None)
        except CanarySecretError as error:
            _log.warning("The canary's password was refused, and its secret could not be read again: %s", error)
            return None

    def _check_tokens(
        self, results_by_probe: Mapping[_ProbeId, ProbeResult], credentials: Credentials, retried: "_RetryResult"
    ) -> Mapping[_ProbeId, ProbeResult]:
        """Say what the tokens are worth; where no ``sub`` is given, all must have the primary's.

        What was asked again was asked as another user, perhaps, than the rest.
        """
        subjects = {False: credentials.subject, True: retried.credentials.subject}
        checked = dict(results_by_probe)
        for way, answer in results_by_probe.items():
            if not isinstance(answer, SignInSuccess):
                continue
            is_retried = way in retried.results
            try:
                check = self._verify_tokens(answer, subjects[is_retried])
            except Exception as error:  # noqa: BLE001 - a fault of ours must say nothing about the Region, nor end the round
                _log.error("Checking tokens failed with an internal error: %s", summarize_error(error))
                checked[way] = Skipped(reason=SkipReason.PROBE_ERROR)
                continue
            checked[way] = replace(answer, check=check)
            if not subjects[is_retried] and not isinstance(check, TokenProblem):
                subjects = {which: given or check.subject for which, given in subjects.items()}
        return checked

    def _verify_tokens(self, result: SignInSuccess, subject: str) -> TokenCheck:
        expected = ExpectedClaims(
            issuer=self._settings.expected_issuer,
            client_id=self._settings.client_id,
            subject=subject,
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


def update_backoff(backoff: Backoff, results: ProbeResults, region_verdict: RegionVerdict, *, now: Instant) -> Backoff:
    """Return how the canary stands in a Region after a round.

    One refused password, by either way, is a strike; being let in clears them; anything else changes nothing.
    """
    if is_password_rejected(results.login) or (results.target is not None and is_password_rejected(results.target)):
        not_replicated = Verdict.NOT_READY in {region_verdict.login, region_verdict.target}
        reason = SkipReason.NOT_REPLICATED if not_replicated else SkipReason.CANARY_REFUSED
        return compute_next_backoff(backoff, now=now, reason=reason)
    if isinstance(results.login, SignInSuccess | Challenged):
        return CLOSED
    return backoff


def _get_skip_reason(credentials: Credentials | None, backoff: Backoff, *, is_blocked: bool) -> SkipReason | None:
    if credentials is None:
        return SkipReason.NO_CREDENTIALS
    return backoff.reason if is_blocked else None


_DEADLINE_EXCEEDED = NoResponse(kind=FailureKind.DEADLINE)


def _run_all(calls: Mapping[_ProbeId, Callable[[], ProbeResult]], deadline: Deadline) -> dict[_ProbeId, ProbeResult]:
    running = {way: run_in_thread(call, name=f"{way[1]}-{way[0]}") for way, call in calls.items()}
    return {way: _wait_for_result(deadline, future) for way, future in running.items()}


def _wait_for_result(deadline: Deadline, future: Future[ProbeResult]) -> ProbeResult:
    try:
        return wait_for_result(deadline, future, default=_DEADLINE_EXCEEDED)
    except Exception:  # noqa: BLE001 - a fault of ours must say nothing about the Region, nor end the round
        _log.exception("A probe failed with an internal error.")
        return Skipped(reason=SkipReason.PROBE_ERROR)


def _build_session(result: ProbeResult) -> CanarySession | None:
    if isinstance(result, SignInSuccess) and isinstance(result.check, Verified | Unverified) and result.check.subject:
        return CanarySession(access_token=result.tokens.access_token, subject=result.check.subject)
    return None


def _to_probe_results(results_by_probe: Mapping[_ProbeId, ProbeResult], role: RegionRole) -> ProbeResults:
    return ProbeResults(login=results_by_probe[role, _Path.LOGIN], target=results_by_probe.get((role, _Path.TARGET)))
