"""One observer's round: both Regions, by both ways into them, and the witnesses, all at once."""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from failover.bounded import Deadline, any_by, result_by, start
from failover.errors import LedgerUnavailableError
from failover.probe import witness
from failover.probe.answer import (
    Answer,
    Challenged,
    NotTried,
    SignedIn,
    Silence,
    Silent,
    TokenCheck,
    TokenProblem,
    Untried,
    Unverified,
    Verified,
    latency_of,
    password_refused,
)
from failover.probe.backoff import AT_REST, Backoff, Backoffs, next_backoff
from failover.probe.canary import Canary, CanarySecretError, Credentials, SecretReader
from failover.probe.https import Endpoint, Https, Timeouts
from failover.probe.keys import Keys, KeyStore, key_sources
from failover.probe.login import Login
from failover.probe.observation import Observation, Reading
from failover.probe.places import Places, places_of
from failover.probe.tokens import Expected, verify
from failover.probe.verdict import Answers, Judgement, Verdict, judge
from failover.probe.wording import code_of, describe
from failover.region import Instant, PerSide, Side
from failover.settings_probe import ProbeSettings
from failover.unforeseen import in_words

_log = logging.getLogger(__name__)


class _Half(StrEnum):
    """The two ways into a Region."""

    LOGIN = "login"
    TARGET = "target"


type _Way = tuple[Side, _Half]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """An access token of the canary, and whose it is; never shown."""

    access: str = field(repr=False)
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """What was answered to credentials that had been renewed; nothing where they had not."""

    credentials: Credentials
    answers: Mapping[_Way, Answer]


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
        places: Places,
        login: Login,
        canary: Canary,
        keys: Keys,
        tries_refused_canary: bool = True,
        clock: Callable[[], Instant] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._observer = observer
        self._settings = settings
        self._places = places
        self._endpoints: dict[_Way, Endpoint] = {
            **{(side, _Half.LOGIN): endpoint for side, endpoint in places.logins},
            **{(side, _Half.TARGET): target.endpoint for side, target in places.targets if target},
        }
        self._login = login
        self._canary = canary
        self._keys = keys
        self._tries_refused_canary = tries_refused_canary
        self._clock = clock
        self._monotonic = monotonic
        self._passes: PerSide[Pass | None] = PerSide(primary=None, standby=None)

    @property
    def passes(self) -> PerSide[Pass | None]:
        """What the last round was given at Cognito in each Region; None where it wasn't let in."""
        return self._passes

    @classmethod
    def from_settings(
        cls,
        settings: ProbeSettings,
        *,
        observer: str,
        key_store: KeyStore,
        secret: SecretReader,
        tries_refused_canary: bool = True,
    ) -> "Probe":
        """Build the probe that the settings describe; nothing is asked of the network yet."""
        https = Https(
            Timeouts(connect_seconds=settings.connect_timeout_seconds, read_seconds=settings.read_timeout_seconds)
        )
        return cls(
            observer=observer,
            settings=settings,
            places=places_of(settings),
            login=Login(client_id=settings.client_id, https=https, monotonic=time.monotonic),
            canary=Canary(secret),
            keys=Keys(store=key_store, sources=key_sources(settings), https=https, clock=time.time),
            tries_refused_canary=tries_refused_canary,
        )

    @property
    def login(self) -> Login:
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
        if self._canary.held is None:
            calls["the canary's secret"] = start(self._canary.read, name="canary-secret")
        calls["the kept keys"] = start(self._keys.load, name="kept-keys")
        for what, call in calls.items():
            try:
                result_by(deadline, call, late=None)
            except (CanarySecretError, LedgerUnavailableError) as error:
                _log.warning("Could not read %s: %s", what, error)

    def refresh_canary(self, deadline: Deadline) -> None:
        """Read the canary's secret again if that is due. To be called away from the path to a decision.

        Whatever fails is logged; what is held stays in use.
        """
        if not self._canary.due:
            return
        reading: Future[object] = start(self._canary.read, name="canary-secret")
        try:
            result_by(deadline, reading, late=None)
        except CanarySecretError as error:
            _log.warning("Could not read the canary's secret again: %s", error)

    def refresh_keys(self, deadline: Deadline) -> None:
        """Fetch the public keys if that is due. To be called away from the path to a decision.

        Raises
        ------
        LedgerUnavailableError
            If what was kept can't be read, or what was fetched can't be kept.

        """
        if self._keys.due and not self._keys.refresh(deadline):
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
            start(partial(witness.answers, self._login.https, place), name=f"witness-{place.host}")
            for place in self._places.witnesses
        ]
        credentials = self._canary.held
        if credentials is None:
            start(self._canary.read, name="canary-secret")  # for the next round; this one is under way
        answered = self._ask(credentials, backoffs, deadline)
        if credentials is not None:
            renewed = self._ask_again_if_renewed(answered, credentials, deadline)
            answered = self._check({**answered, **renewed.answers}, credentials, renewed)
        answers = PerSide(primary=_pair(answered, Side.PRIMARY), standby=_pair(answered, Side.STANDBY))
        self._passes = PerSide(primary=_pass(answers.primary.login), standby=_pass(answers.standby.login))
        witness_answered = any_by(deadline, witnesses)
        judgements = judge(answers, witness_answered=witness_answered)
        now = self._clock()

        def reading(side: Side) -> Reading:
            return self._reading(side, answers[side], judgements[side], witness_answered=witness_answered)

        observation = Observation(
            observer=self._observer,
            observed_at=now,
            readings=PerSide(primary=reading(Side.PRIMARY), standby=reading(Side.STANDBY)),
            witness_answered=witness_answered,
        )
        return observation, PerSide(
            primary=backoff_after(backoffs.primary, answers.primary, judgements.primary, now=now),
            standby=backoff_after(backoffs.standby, answers.standby, judgements.standby, now=now),
        )

    def _ask(self, credentials: Credentials | None, backoffs: Backoffs, deadline: Deadline) -> Mapping[_Way, Answer]:
        now = self._clock()
        calls: dict[_Way, Callable[[], Answer]] = {}
        for side, place in self._places.logins:
            waits = backoffs[side].holds(now) or (backoffs[side].on_trial and not self._tries_refused_canary)
            unasked = _why_not(credentials, backoffs[side], waits=waits)
            calls[side, _Half.LOGIN] = partial(self._sign_in, place, credentials, unasked)
        for side, target in self._places.targets:
            if target and target.path:
                calls[side, _Half.TARGET] = partial(target.ask, self._login)
            elif target:
                unasked = _why_not(credentials, backoffs[side], waits=backoffs[side].on_trial)
                calls[side, _Half.TARGET] = partial(self._sign_in, target.endpoint, credentials, unasked)
        return _gather(calls, deadline)

    def _sign_in(self, endpoint: Endpoint, credentials: Credentials | None, unasked: Untried | None) -> Answer:
        if credentials is None or unasked:
            # A broken canary must not hide a dead Region: it is still heard whether anybody is there.
            return self._login.knock(endpoint) or NotTried(reason=unasked or Untried.NO_CREDENTIALS)
        return self._login.attempt(endpoint, credentials)

    def _ask_again_if_renewed(
        self, answered: Mapping[_Way, Answer], refused: Credentials, deadline: Deadline
    ) -> "_Again":
        """Repeat what the password was refused for, if the secret has got another version meanwhile."""
        ways = [way for way, answer in answered.items() if password_refused(answer)]
        credentials = self._renewed(refused, deadline) if ways else None
        if credentials is None:
            return _Again(credentials=refused, answers={})
        calls = {way: partial(self._login.attempt, self._endpoints[way], credentials) for way in ways}
        again = _gather(calls, deadline)
        # A second attempt cut short by the deadline says nothing; the first one's refusal then stands.
        heard = {way: answer for way, answer in again.items() if answer != _LATE}
        return _Again(credentials=credentials, answers=heard)

    def _renewed(self, refused: Credentials, deadline: Deadline) -> Credentials | None:
        reading = start(partial(self._canary.renewed, refused), name="canary-secret")
        try:
            return result_by(deadline, reading, late=None)
        except CanarySecretError as error:
            _log.warning("The canary's password was refused, and its secret could not be read again: %s", error)
            return None

    def _check(
        self, answered: Mapping[_Way, Answer], credentials: Credentials, renewed: "_Again"
    ) -> Mapping[_Way, Answer]:
        """Say what the tokens are worth; where no ``sub`` is given, all must have the primary's.

        What was asked again was asked as another user, perhaps, than the rest.
        """
        subjects = {False: credentials.subject, True: renewed.credentials.subject}
        checked = dict(answered)
        for way, answer in answered.items():
            if not isinstance(answer, SignedIn):
                continue
            again = way in renewed.answers
            try:
                check = self._verify(answer, subjects[again])
            except Exception as error:  # noqa: BLE001 - a fault of ours must say nothing about the Region, nor end the round
                _log.error("Checking tokens failed by a fault of its own: %s", in_words(error))
                checked[way] = NotTried(reason=Untried.PROBE_FAULT)
                continue
            checked[way] = replace(answer, check=check)
            if not subjects[again] and not isinstance(check, TokenProblem):
                subjects = {which: given or check.subject for which, given in subjects.items()}
        return checked

    def _verify(self, answer: SignedIn, subject: str) -> TokenCheck:
        expected = Expected(
            issuer=self._settings.expected_issuer,
            client_id=self._settings.client_id,
            subject=subject,
            now=self._clock(),
        )
        check = verify(answer.tokens, keys=self._keys.held, expected=expected)
        if isinstance(check, Unverified):
            self._keys.missed()
        return check

    def _reading(self, side: Side, answers: Answers, judgement: Judgement, *, witness_answered: bool) -> Reading:
        return Reading(
            verdict=judgement.verdict,
            detail=describe(
                self._settings.regions[side],
                answers,
                judgement,
                witness_answered=witness_answered,
                timeouts=self._login.https.timeouts,
            ),
            code=code_of(answers, judgement),
            login_verdict=judgement.login,
            target_verdict=judgement.target,
            login_latency_seconds=latency_of(answers.login),
            target_latency_seconds=latency_of(answers.target) if answers.target else None,
        )


def backoff_after(backoff: Backoff, answers: Answers, judgement: Judgement, *, now: Instant) -> Backoff:
    """Return how the canary stands in a Region after a round.

    One refused password, by either way, is a strike; being let in clears them; anything else changes nothing.
    """
    if password_refused(answers.login) or (answers.target is not None and password_refused(answers.target)):
        not_replicated = Verdict.NOT_READY in {judgement.login, judgement.target}
        reason = Untried.NOT_REPLICATED if not_replicated else Untried.CANARY_REFUSED
        return next_backoff(backoff, now=now, reason=reason)
    if isinstance(answers.login, SignedIn | Challenged):
        return AT_REST
    return backoff


def _why_not(credentials: Credentials | None, backoff: Backoff, *, waits: bool) -> Untried | None:
    if credentials is None:
        return Untried.NO_CREDENTIALS
    return backoff.reason if waits else None


_LATE = Silent(kind=Silence.DEADLINE)


def _gather(calls: Mapping[_Way, Callable[[], Answer]], deadline: Deadline) -> dict[_Way, Answer]:
    running = {way: start(call, name=f"{way[1]}-{way[0]}") for way, call in calls.items()}
    return {way: _answer_by(deadline, future) for way, future in running.items()}


def _answer_by(deadline: Deadline, future: Future[Answer]) -> Answer:
    try:
        return result_by(deadline, future, late=_LATE)
    except Exception:  # noqa: BLE001 - a fault of ours must say nothing about the Region, nor end the round
        _log.exception("A probe failed by a fault of its own.")
        return NotTried(reason=Untried.PROBE_FAULT)


def _pass(answer: Answer) -> Pass | None:
    if isinstance(answer, SignedIn) and isinstance(answer.check, Verified | Unverified) and answer.check.subject:
        return Pass(access=answer.tokens.access, subject=answer.check.subject)
    return None


def _pair(answered: Mapping[_Way, Answer], side: Side) -> Answers:
    return Answers(login=answered[side, _Half.LOGIN], target=answered.get((side, _Half.TARGET)))
