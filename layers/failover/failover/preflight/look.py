"""One look: every check is made, all at once, within a bound."""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future

from failover.bounded import Deadline, result_by, start
from failover.decision.preflight import Finding, Outcome, Preflight
from failover.preflight.check import Check, Judgement
from failover.preflight.facts import Facts, UnreadError

WORKERS = 6
"""So many checks are made at once: each may wait for a Region that is dead, and a cold start has one slow processor."""

LOOK_SECONDS = 45.0
"""What a look may take: what is not known by then is unknown."""


def look(facts: Facts, checks: Iterable[Check], *, active: bool, seconds: float = LOOK_SECONDS) -> Preflight:
    """Make every check, and return what came of each.

    Parameters
    ----------
    facts
        What they judge.
    checks
        Which ones.
    active
        Whether to make those, too, that do more than read.
    seconds
        What it may take.

    """
    deadline = Deadline(seconds)
    wanted = [check for check in checks if active or not check.active]
    judgements = {check.id: Future[Judgement]() for check in wanted}
    waiting = deque(wanted)

    def work() -> None:
        while True:
            try:
                check = waiting.popleft()
            except IndexError:
                return
            judgements[check.id].set_result(_judged(check, facts))

    for number in range(WORKERS):
        start(work, name=f"preflight-{number}")
    late = Judgement(outcome=Outcome.UNKNOWN, sentence=f"It was not known within {seconds:.0f} s.")
    findings = tuple(_finding(check, result_by(deadline, judgements[check.id], late=late)) for check in wanted)
    return Preflight(at=facts.now, findings=findings)


def _judged(check: Check, facts: Facts) -> Judgement:
    try:
        return check.judge(facts)
    except UnreadError as error:
        return Judgement(outcome=Outcome.UNKNOWN, sentence=str(error))
    except Exception as error:  # noqa: BLE001 - one check that errs must not take the others with it
        sentence = f"The check itself failed ({type(error).__name__}: {error}). Please report it."
        return Judgement(outcome=Outcome.UNKNOWN, sentence=sentence)


def _finding(check: Check, judgement: Judgement) -> Finding:
    is_failed = judgement.outcome is Outcome.FAILED
    return Finding(
        check=check.id,
        severity=check.severity,
        outcome=judgement.outcome,
        sentence=judgement.sentence,
        remedy=check.remedy if is_failed else "",
        bars=check.bars and is_failed,
        table=judgement.table,
    )
