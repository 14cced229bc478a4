"""How fast Cognito follows the health check of its own domain's failover: the one measurement that moves users.

It moves nobody itself. It asks for a drill that tests each lever alone, which the controller carries, ends and brings
back, and watches from outside meanwhile.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from failover.levers.authority import Question
from failover.levers.beacon import beacon_name
from failover.levers.managed_login import pass_through
from failoverctl.measure.login_page import UNREADABLE, LoginPage
from failoverctl.measure.measurement import Assumption, MeasureError, Measurement, Moves, NotAllowedError, Sample
from failoverctl.measure.site import Site

NAME = "managed-login"
SHOWN, HIDDEN = "it shows", "it shows no difference"

_LATCH = "domain"
_PAUSE_SECONDS = 0.5
_LOOK_SECONDS = 2.0
_STATUS_EVERY_SECONDS = 10.0
_PATIENCE_SECONDS = 3600.0


@dataclass(slots=True, kw_only=True)
class _Watch:
    """What was seen first when, by the site's monotonic clock."""

    at: dict[str, float] = field(default_factory=dict)
    requests: int = 0
    failed: int = 0

    def note(self, what: str, now: float) -> None:
        self.at.setdefault(what, now)

    def between(self, earlier: str, later: str) -> float | None:
        return self.at[later] - self.at[earlier] if {earlier, later} <= self.at.keys() else None


@contextmanager
def _opened(site: Site) -> Iterator[Callable[[], Sample]]:
    subject = site.subject
    if not subject.managed_login:
        raise NotAllowedError(
            "ManagedLoginDomain: the stack moves no domain of Cognito's own; leave out managed-login."
        )
    if not subject.latch_bucket:
        raise NotAllowedError("LatchForm: only a latch that is an object can be watched; leave out managed-login.")
    latch = _status(site).get("latches", {}).get(_LATCH, {})
    if not latch.get("attached"):
        raise NotAllowedError("The latch of the domain is not attached: failoverctl attach, then run this again.")
    yield lambda: _drilled(site)


def _drilled(site: Site) -> Sample:
    subject, page = site.subject, LoginPage(site)
    zone = site.route53.get_hosted_zone(Id=subject.zone_id)
    name_servers = tuple(zone["DelegationSet"]["NameServers"])
    at_home = page.answer()
    token = f"measure-{int(site.now())}-{secrets.token_hex(3)}"
    reason = "failoverctl measure: how fast Cognito's own domain follows its latch"
    answer = site.ask_operator(
        {
            "action": "drill",
            "kind": "lever-test",
            "reason": reason,
            "token": token,
            "requested_by": "failoverctl measure",
        }
    )
    if not answer["done"]:
        raise NotAllowedError(f"The drill was refused, and nobody was moved: {answer['message']}")
    try:
        return _watched(site, page, name_servers=name_servers, at_home=at_home)
    except BaseException:
        site.note("The drill goes on and brings users home by itself; failoverctl abort brings them home at once.")
        raise


def _watched(site: Site, page: LoginPage, *, name_servers: tuple[str, ...], at_home: str) -> Sample:
    watch, s3 = _Watch(), site.client("s3", site.subject.standby)
    began = asked_at = site.monotonic()
    while True:
        _look(site, watch, s3=s3, name_servers=name_servers, page=page, at_home=at_home)
        now = site.monotonic()
        if now - asked_at >= _STATUS_EVERY_SECONDS:
            asked_at = now
            status = _status(site)
            if status and not status.get("drill"):
                return _sample(site, watch, status)
        if now - began > _PATIENCE_SECONDS:
            raise MeasureError(
                "The drill does not end: failoverctl watch shows why; failoverctl abort brings users home."
            )
        site.sleep(_PAUSE_SECONDS)


def _look(site: Site, watch: _Watch, *, s3: Any, name_servers: tuple[str, ...], page: LoginPage, at_home: str) -> None:
    subject = site.subject
    thrown = _is_thrown(s3, subject.latch_bucket)
    now = site.monotonic()
    if thrown:
        watch.note("thrown", now)
    elif "thrown" in watch.at:
        watch.note("released", now)
    if "thrown" not in watch.at:
        return
    question = Question(name=beacon_name(subject.managed_login), record_type="TXT")
    look = site.authority.look(name_servers, (question,), hosts=(), budget_seconds=_LOOK_SECONDS)
    given = [answer for server in name_servers for answer in look.answers[server][question]]
    side = "released" if "released" in watch.at else "thrown"
    region = subject.primary if side == "released" else subject.standby
    now = site.monotonic()
    if given and all(answer == {region} for answer in given):
        watch.note(f"{side}: beacon", now)
    watch.requests += 1
    watch.failed += not pass_through(site.https, subject.managed_login).passed
    answer = page.answer()
    if UNREADABLE not in {answer, at_home} and (answer == at_home) is (side == "released"):
        watch.note(f"{side}: page", site.monotonic())


def _sample(site: Site, watch: _Watch, status: dict[str, Any]) -> Sample:
    if "thrown" not in watch.at:
        last = status.get("last_drill") or {}
        raise MeasureError(
            f"The drill has ended ({last.get('outcome', 'no outcome')}) without throwing the latch of the domain: "
            f"failoverctl history says why."
        )
    stages = {
        "thrown, name servers": watch.between("thrown", "thrown: beacon"),
        "thrown, managed login": watch.between("thrown", "thrown: page"),
        "released, name servers": watch.between("released", "released: beacon"),
        "released, managed login": watch.between("released", "released: page"),
    }
    site.note(f"{watch.failed} of {watch.requests} requests through {site.subject.managed_login} failed meanwhile.")
    shows = SHOWN if "thrown: page" in watch.at else HIDDEN
    return Sample(
        seconds={stage: seconds for stage, seconds in stages.items() if seconds is not None},
        answers={"the Region that answers": shows, "requests that failed": "none" if not watch.failed else "some"},
    )


def _is_thrown(s3: Any, bucket: str) -> bool:
    return any(each["Key"] == _LATCH for each in s3.list_objects_v2(Bucket=bucket).get("Contents", ()))


def _status(site: Site) -> dict[str, Any]:
    return dict(site.ask_operator({"action": "status"}).get("status") or {})


MANAGED_LOGIN = Measurement(
    name=NAME,
    asks="How long after its latch is thrown does Cognito's own domain answer from the standby, and after its release "
    "from the primary?",
    makes="a drill of the kind lever-test, which moves the users of every lever there and back",
    costs="nothing",
    lasts_seconds=(10, 600),
    assumptions=(
        Assumption(
            of="thrown, name servers",
            matters="the beacon is how the controller knows that the check has followed",
            at_most_seconds=60.0,
            otherwise="say the longer time in docs/latch.md; nothing else depends on it",
        ),
        Assumption(
            of="thrown, managed login",
            matters="Cognito shows no Region, so its move is presumed when the beacon has moved",
            at_most_seconds=60.0,
            otherwise="`levers/health_check_latch.py`: wait for so long after the beacon before it counts as arrived",
        ),
        Assumption(
            of="released, name servers",
            matters="the same on the way back",
            at_most_seconds=60.0,
            otherwise="as above",
        ),
        Assumption(
            of="released, managed login",
            matters="Cognito is taken to go back at once and as a whole",
            at_most_seconds=60.0,
            otherwise="as above",
        ),
        Assumption(
            of="the Region that answers",
            matters="the replica refuses a sign-up on its page, by which it is told here; if the page shows no "
            "difference, only the beacon is measured",
            answer=SHOWN,
            otherwise="nothing: look by hand, in CloudTrail of both Regions",
        ),
        Assumption(
            of="requests that failed",
            matters="whether users see errors while Cognito changes over",
            answer="none",
            otherwise="say so in docs/latch.md",
        ),
    ),
    open=_opened,
    moves=Moves.USERS,
)
