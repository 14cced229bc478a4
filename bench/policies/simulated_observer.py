"""The controller's eyes in the simulation: what a probe would have been answered, judged by the production verdict."""

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

_TOKENS = Tokens(id_token="identity", access_token="access")
_VERIFIED = Verified(subject="canary")

_COGNITO_ERRORS = {
    AttemptOutcome.ERROR: ("InternalErrorException", 500),
    AttemptOutcome.THROTTLED: ("TooManyRequestsException", 429),
    AttemptOutcome.TRIGGER_FAILED: ("UnexpectedLambdaException", 400),
    AttemptOutcome.PASSWORD_REFUSED: ("NotAuthorizedException", 400),
    AttemptOutcome.USER_UNKNOWN: ("UserNotFoundException", 400),
    AttemptOutcome.NOT_ENABLED: ("OperationNotEnabledException", 400),
}
"""What Cognito calls it."""


class SimulatedObserver:
    """Looks at both Regions by both ways at once; time passes while it waits for the slowest answer.

    Parameters
    ----------
    settings
        Timeouts.
    region
        Where it looks from.
    world
        What is true.
    clock, wait
        The time, and a way to let it pass.
    standby_load
        The share of users on the standby now.

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
        answered: dict[tuple[RegionRole, str], ProbeResult] = {}
        for side in RegionRole:
            for way in ("login", "target"):
                answer, seconds = self._to_probe_result(self._attempt_with_retries(side, way, loads[side]))
                answered[side, way] = _apply_backoff(answer, backoffs[side], way, began_at)
                took_seconds = max(took_seconds, seconds)
        self._wait(took_seconds)
        answers = PerRole(
            primary=ProbeResults(
                login=answered[RegionRole.PRIMARY, "login"], target=answered[RegionRole.PRIMARY, "target"]
            ),
            standby=ProbeResults(
                login=answered[RegionRole.STANDBY, "login"], target=answered[RegionRole.STANDBY, "target"]
            ),
        )
        witness_answered = not self._from_standby or self._world.observer_online.value_at(began_at)
        judgements = evaluate_both_regions(answers, witness_answered=witness_answered)
        now = self._clock()

        def make_reading(role: RegionRole) -> Reading:
            judgement = judgements[role]
            return Reading(
                verdict=judgement.verdict,
                detail=f"The {role} answers {judgement.verdict}.",
                code=get_reason_code(answers[role], judgement),
                login_verdict=judgement.login,
                target_verdict=judgement.target,
            )

        observation = Observation(
            observer=self._region,
            observed_at=now,
            readings=PerRole(primary=make_reading(RegionRole.PRIMARY), standby=make_reading(RegionRole.STANDBY)),
            witness_answered=witness_answered,
        )
        return observation, PerRole(
            primary=update_backoff(backoffs.primary, answers.primary, judgements.primary, now=now),
            standby=update_backoff(backoffs.standby, answers.standby, judgements.standby, now=now),
        )

    def _attempt_with_retries(self, role: RegionRole, route: str, load: float) -> SimulatedAttempt:
        """Return what the first attempt to connect meets that comes to anything, made as the probe makes them."""
        began_at = self._clock()
        route = route if self._from_standby else f"{route} from {self._region}"
        late_seconds = 0.0
        while True:
            attempt = sign_in(
                self._world,
                role,
                began_at + late_seconds,
                route=route,
                load=load,
                from_standby=self._from_standby,
            )
            if attempt.connect_seconds != FOREVER:
                if late_seconds:
                    return replace(attempt, connect_seconds=late_seconds + attempt.connect_seconds)
                return attempt
            late_seconds += ATTEMPT_DELAY_SECONDS
            if late_seconds >= self._timeouts.tcp_seconds:
                return attempt

    def _to_probe_result(self, attempt: SimulatedAttempt) -> tuple[ProbeResult, float]:
        """Return what is heard within the timeouts, and how long that took."""
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
        refused = ErrorResponse(code=code, http_status=status, message=code, latency_seconds=attempt.seconds)
        return refused, attempt.seconds


def _apply_backoff(answer: ProbeResult, backoff: Backoff, route: str, now: Instant) -> ProbeResult:
    """Return what is heard where the canary is spared after a refusal: only whether anybody is there."""
    spared = backoff.is_blocked(now) or (backoff.is_half_open and route == "target")
    if not spared or isinstance(answer, NoResponse):
        return answer
    return Skipped(reason=backoff.reason if backoff.is_half_open else SkipReason.CANARY_REFUSED)
