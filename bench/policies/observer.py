"""The controller's eyes in the simulation: what a probe would have been answered, judged by the production verdict."""

from collections.abc import Callable
from dataclasses import replace

from bench.world.attempt import Attempt, Outcome, sign_in
from bench.world.timeline import FOREVER
from bench.world.world import World
from failover.probe.answer import Answer, NotTried, Refused, SignedIn, Silence, Silent, Tokens, Untried, Verified
from failover.probe.backoff import Backoff, Backoffs
from failover.probe.connecting import NEXT_ATTEMPT_SECONDS
from failover.probe.https import Timeouts
from failover.probe.observation import Observation, Reading
from failover.probe.probe import backoff_after
from failover.probe.verdict import Answers, judge
from failover.probe.wording import code_of
from failover.region import Instant, PerSide, Side
from failover.settings import Settings

_TOKENS = Tokens(identity="identity", access="access")
_CHECK = Verified(subject="canary")

_REFUSALS = {
    Outcome.ERROR: ("InternalErrorException", 500),
    Outcome.THROTTLED: ("TooManyRequestsException", 429),
    Outcome.TRIGGER_FAILED: ("UnexpectedLambdaException", 400),
    Outcome.PASSWORD_REFUSED: ("NotAuthorizedException", 400),
    Outcome.USER_UNKNOWN: ("UserNotFoundException", 400),
    Outcome.NOT_ENABLED: ("OperationNotEnabledException", 400),
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
        world: World,
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
        loads = PerSide(primary=1.0 - standby_load, standby=standby_load)
        took_seconds = 0.0
        answered: dict[tuple[Side, str], Answer] = {}
        for side in Side:
            for way in ("login", "target"):
                answer, seconds = self._heard(self._attempt(side, way, loads[side]))
                answered[side, way] = _as_far_as_tried(answer, backoffs[side], way, began_at)
                took_seconds = max(took_seconds, seconds)
        self._wait(took_seconds)
        answers = PerSide(
            primary=Answers(login=answered[Side.PRIMARY, "login"], target=answered[Side.PRIMARY, "target"]),
            standby=Answers(login=answered[Side.STANDBY, "login"], target=answered[Side.STANDBY, "target"]),
        )
        witness_answered = not self._from_standby or self._world.observer_online.at(began_at)
        judgements = judge(answers, witness_answered=witness_answered)
        now = self._clock()

        def reading(side: Side) -> Reading:
            judgement = judgements[side]
            return Reading(
                verdict=judgement.verdict,
                detail=f"The {side} answers {judgement.verdict}.",
                code=code_of(answers[side], judgement),
                login_verdict=judgement.login,
                target_verdict=judgement.target,
            )

        observation = Observation(
            observer=self._region,
            observed_at=now,
            readings=PerSide(primary=reading(Side.PRIMARY), standby=reading(Side.STANDBY)),
            witness_answered=witness_answered,
        )
        return observation, PerSide(
            primary=backoff_after(backoffs.primary, answers.primary, judgements.primary, now=now),
            standby=backoff_after(backoffs.standby, answers.standby, judgements.standby, now=now),
        )

    def _attempt(self, side: Side, way: str, load: float) -> Attempt:
        """Return what the first attempt to connect meets that comes to anything, made as the probe makes them."""
        began_at = self._clock()
        way = way if self._from_standby else f"{way} from {self._region}"
        late_seconds = 0.0
        while True:
            attempt = sign_in(
                self._world,
                side,
                began_at + late_seconds,
                way=way,
                load=load,
                from_standby=self._from_standby,
            )
            if attempt.connect_seconds != FOREVER:
                if late_seconds:
                    return replace(attempt, connect_seconds=late_seconds + attempt.connect_seconds)
                return attempt
            late_seconds += NEXT_ATTEMPT_SECONDS
            if late_seconds >= self._timeouts.tcp_seconds:
                return attempt

    def _heard(self, attempt: Attempt) -> tuple[Answer, float]:
        """Return what is heard within the timeouts, and how long that took."""
        timeouts = self._timeouts
        deadline_seconds = self._settings.probe_deadline_seconds
        if attempt.connect_seconds == FOREVER:
            return Silent(kind=Silence.TCP_TIMEOUT), timeouts.tcp_seconds
        if attempt.connect_seconds > timeouts.connect_seconds:
            return Silent(kind=Silence.CONNECT_TIMEOUT), timeouts.connect_seconds
        if attempt.outcome is Outcome.CONNECTION_REFUSED:
            return Silent(kind=Silence.REFUSED), attempt.seconds
        if attempt.answer_seconds > timeouts.read_seconds:
            return Silent(kind=Silence.READ_TIMEOUT), min(
                attempt.connect_seconds + timeouts.read_seconds, deadline_seconds
            )
        if attempt.outcome is Outcome.SIGNED_IN:
            return SignedIn(tokens=_TOKENS, latency_seconds=attempt.seconds, check=_CHECK), attempt.seconds
        code, status = _REFUSALS[attempt.outcome]
        refused = Refused(code=code, http_status=status, message=code, latency_seconds=attempt.seconds)
        return refused, attempt.seconds


def _as_far_as_tried(answer: Answer, backoff: Backoff, way: str, now: Instant) -> Answer:
    """Return what is heard where the canary is spared after a refusal: only whether anybody is there."""
    spared = backoff.holds(now) or (backoff.on_trial and way == "target")
    if not spared or isinstance(answer, Silent):
        return answer
    return NotTried(reason=backoff.reason if backoff.on_trial else Untried.CANARY_REFUSED)
