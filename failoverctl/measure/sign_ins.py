"""How long a sign-in takes, at Cognito itself and through your targets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from failover.outside.sign_in import users_get_in
from failover.probe.answer import latency_of
from failover.probe.login import Login
from failover.probe.target import Target, target_endpoint
from failoverctl.measure.cognito import sign_in
from failoverctl.measure.measurement import Assumption, MeasureError, Measurement, Sample
from failoverctl.measure.site import Site


@contextmanager
def _opened(site: Site) -> Iterator[Callable[[], Sample]]:
    yield lambda: Sample(seconds=_seconds(site))


def _seconds(site: Site) -> dict[str, float]:
    subject = site.subject
    sides = dict(zip(("primary", "standby"), subject.regions, strict=True))
    seconds = {side: sign_in(site, region).seconds for side, region in sides.items()}
    login = Login(client_id=subject.client_id, https=site.https, monotonic=site.monotonic)
    for side, region in sides.items():
        if not (target := subject.targets.get(region)):
            continue
        endpoint = target_endpoint(target, subject.domain_name)
        if subject.probe_path:
            answer = Target(endpoint=endpoint, path=subject.probe_path).ask(login)
        else:
            answer = login.attempt(endpoint, site.credentials())
        taken = latency_of(answer)
        if not users_get_in(answer) or taken is None:
            raise MeasureError(
                f"{target} does not sign the canary in for {subject.domain_name}: {answer}. See failoverctl status."
            )
        seconds[f"{side}, through its target"] = taken
    return seconds


def _bound(of: str, where: str) -> Assumption:
    return Assumption(
        of=of,
        matters=f"a sign-in {where} that takes longer than this counts as sick",
        at_most_seconds=3.0,
        otherwise="`ConnectTimeoutSeconds`, `ReadTimeoutSeconds` and `ProbeDeadlineSeconds`",
    )


SIGN_INS = Measurement(
    name="sign-ins",
    asks="How long does a sign-in take in each Region? From where you are: run it in the standby Region.",
    makes="two sign-ins of the canary a repeat, four with targets",
    costs="nothing",
    lasts_seconds=(0, 2),
    assumptions=(
        _bound("primary", "on the primary"),
        _bound("standby", "on the standby"),
        _bound("primary, through its target", "through your target there"),
        _bound("standby, through its target", "through your target there"),
    ),
    open=_opened,
)
