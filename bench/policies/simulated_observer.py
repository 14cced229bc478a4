"""The simulated prober: simulated probe results, evaluated by the production verdict."""

from collections.abc import Callable
from dataclasses import replace

from bench.world.sign_in_attempt import AttemptOutcome, SimulatedAttempt, sign_in
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import FOREVER
from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.core.canary_backoff import Backoff, Backoffs
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.probe_result import (
    ErrorResponse,
    FailureKind,
    NoResponse,
    ProbeResult,
    SignInSuccess,
    Skipped,
    SkipReason,
    Tokens,
    Verified,
)
from cognito_failover.core.verdict import ProbeResults, evaluate_both_regions
from cognito_failover.probe.explanation import get_reason_code
from cognito_failover.probe.happy_eyeballs import ATTEMPT_DELAY_SECONDS
from cognito_failover.probe.https_client import Timeouts
from cognito_failover.probe.probe import update_backoff
from cognito_failover.settings.controller import Settings

_BAD_REQUEST = 400

_TOKENS = Tokens(id_token="identity", access_token="access")  # noqa: S106 - placeholders; nothing verifies them here
_VERIFIED = Verified(subject="canary")

_COGNITO_ERRORS = {
    AttemptOutcome.ERROR: ("InternalErrorException", 500),
    AttemptOutcome.THROTTLED: ("TooManyRequestsException", 429),
    AttemptOutcome.TRIGGER_FAILED: ("UnexpectedLambdaException", 400),
    AttemptOutcome.PASSWORD_REFUSED: ("NotAuthorizedException", 400),
    AttemptOutcome.USER_UNKNOWN: ("UserNotFoundException", 400),
    AttemptOutcome.NOT_ENABLED: ("OperationNotEnabledException", 400),
}
"""Cognito's error code and HTTP status of each outcome."""


class SimulatedObserver:
    """Probes both Regions on both routes in parallel, and advances the time by the slowest answer.

    Parameters
    ----------
    settings
        The settings with the timeouts.
    region
        The observer's Region.
    world
        The simulated world.
    clock, wait
        Read the simulated time, and advance it.
    standby_load
        Returns the current share of users on the standby.

    """

    def __init__(
        self,
        *,
        settings: Settings,
        region: str,
        world: SimulatedWorld,
        clock: Callable[[], Instant],
        wait: Callable[[float], None],
        standby_load: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._region = region
        self._from_standby = region == settings.standby_region
        self._world = world
        self._clock = clock
        self._wait = wait
        self._standby_load = standby_load
        self._timeouts = Timeouts(
            connect_seconds=settings.connect_timeout_seconds, read_seconds=settings.read_timeout_seconds
        )

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        """Make one observation."""
        began_at = self._clock()
        standby_load = self._standby_load()
        loads = PerRole(primary=1.0 - standby_load, standby=standby_load)
        took_seconds = 0.0
        by_route: dict[tuple[RegionRole, str], ProbeResult] = {}
        for role in RegionRole:
            for route in ("login", "target"):
                result, seconds = self._to_probe_result(self._attempt_with_retries(role, route, loads[role]))
                by_route[role, route] = _apply_backoff(result, backoffs[role], route, began_at)
                took_seconds = max(took_seconds, seconds)
        self._wait(took_seconds)
        results = PerRole(
            primary=ProbeResults(
                login=by_route[RegionRole.PRIMARY, "login"], target=by_route[RegionRole.PRIMARY, "target"]
            ),
            standby=ProbeResults(
                login=by_route[RegionRole.STANDBY, "login"], target=by_route[RegionRole.STANDBY, "target"]
            ),
        )
        witness_answered = not self._from_standby or self._world.observer_online.value_at(began_at)
        evaluations = evaluate_both_regions(results, witness_answered=witness_answered)
        now = self._clock()

        def make_reading(role: RegionRole) -> Reading:
            evaluation = evaluations[role]
            return Reading(
                verdict=evaluation.verdict,
                detail=f"The {role} answers {evaluation.verdict}.",
                code=get_reason_code(results[role], evaluation),
                login_verdict=evaluation.login,
                target_verdict=evaluation.target,
            )

        observation = Observation(
            observer=self._region,
            observed_at=now,
            readings=PerRole(primary=make_reading(RegionRole.PRIMARY), standby=make_reading(RegionRole.STANDBY)),
            witness_answered=witness_answered,
        )
        return observation, PerRole(
            primary=update_backoff(backoffs.primary, results.primary, evaluations.primary, now=now),
            standby=update_backoff(backoffs.standby, results.standby, evaluations.standby, now=now),
        )

    def _attempt_with_retries(self, role: RegionRole, route: str, load: float) -> SimulatedAttempt:
        """Return the first attempt that connects, with the probe's retries. The last attempt if none connects."""
        began_at = self._clock()
        route = route if self._from_standby else f"{route} from {self._region}"
        delay_seconds = 0.0
        while True:
            attempt = sign_in(
                self._world,
                role,
                began_at + delay_seconds,
                route=route,
                load=load,
                from_standby=self._from_standby,
            )
            if attempt.connect_seconds != FOREVER:
                if delay_seconds:
                    return replace(attempt, connect_seconds=delay_seconds + attempt.connect_seconds)
                return attempt
            delay_seconds += ATTEMPT_DELAY_SECONDS
            if delay_seconds >= self._timeouts.tcp_seconds:
                return attempt

    def _to_probe_result(self, attempt: SimulatedAttempt) -> tuple[ProbeResult, float]:
        """Return the probe result within the timeouts, and its duration in seconds."""
        timeouts = self._timeouts
        deadline_seconds = self._settings.probe_deadline_seconds
        if attempt.connect_seconds == FOREVER:
            return NoResponse(kind=FailureKind.TCP_TIMEOUT), timeouts.tcp_seconds
        if attempt.connect_seconds > timeouts.connect_seconds:
            return NoResponse(kind=FailureKind.CONNECT_TIMEOUT), timeouts.connect_seconds
        if attempt.outcome is AttemptOutcome.CONNECTION_REFUSED:
            return NoResponse(kind=FailureKind.REFUSED), attempt.seconds
        if attempt.answer_seconds > timeouts.read_seconds:
            return NoResponse(kind=FailureKind.READ_TIMEOUT), min(
                attempt.connect_seconds + timeouts.read_seconds, deadline_seconds
            )
        if attempt.outcome is AttemptOutcome.SIGNED_IN:
            return SignInSuccess(tokens=_TOKENS, latency_seconds=attempt.seconds, check=_VERIFIED), attempt.seconds
        code, status = _COGNITO_ERRORS[attempt.outcome]
        response = ErrorResponse(code=code, http_status=status, message=code, latency_seconds=attempt.seconds)
        return response, attempt.seconds


def _apply_backoff(result: ProbeResult, backoff: Backoff, route: str, now: Instant) -> ProbeResult:
    """Return the probe result during a backoff: a request without a user, which shows silence and server errors."""
    is_skipped = backoff.is_blocked(now) or (backoff.is_half_open and route == "target")
    if not is_skipped or isinstance(result, NoResponse):
        return result
    status = result.http_status if isinstance(result, ErrorResponse) else _BAD_REQUEST
    reason = backoff.reason if backoff.is_half_open else SkipReason.CANARY_REFUSED
    return Skipped(reason=reason, http_status=status)
