"""Where the keys are served that tokens are checked with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from failover.probe.https import Endpoint, SilenceError
from failover.probe.login import cognito_endpoint
from failover.probe.reply import json_object
from failoverctl.measure.measurement import Assumption, Measurement, Sample
from failoverctl.measure.site import Site

SAME = "the issuer's keys"

_JWKS = "/.well-known/jwks.json"
_OPENID = "/.well-known/openid-configuration"
_OK = 200


@contextmanager
def _opened(site: Site) -> Iterator[Callable[[], Sample]]:
    yield lambda: Sample(answers=_answers(site))


def _answers(site: Site) -> dict[str, str]:
    subject = site.subject
    host = f"issuer-cognito-idp.{subject.primary}.amazonaws.com"
    issuer = Endpoint(host=host, server_name=host)
    listed = _keys(site, issuer)
    answers = {"issuer's host": "keys" if isinstance(listed, frozenset) else listed}
    for side, region in zip(("primary", "standby"), subject.regions, strict=True):
        found = _keys(site, cognito_endpoint(region))
        told = found if isinstance(found, str) else "other keys"
        answers[f"cognito-idp of the {side}"] = SAME if found == listed else told
    answers["openid-configuration of the standby"] = _status(site, cognito_endpoint(subject.standby))
    return answers


def _keys(site: Site, endpoint: Endpoint) -> frozenset[str] | str:
    try:
        reply = site.https.get(endpoint, f"/{site.subject.pool_id}{_JWKS}")
    except SilenceError as error:
        return f"silence: {error.kind}"
    if reply.status != _OK:
        return f"HTTP {reply.status}"
    kids = frozenset(str(key.get("kid")) for key in json_object(reply.body).get("keys", ()))
    return kids or "no keys"


def _status(site: Site, endpoint: Endpoint) -> str:
    try:
        return f"HTTP {site.https.get(endpoint, f'/{site.subject.pool_id}{_OPENID}').status}"
    except SilenceError as error:
        return f"silence: {error.kind}"


KEY_SETS = Measurement(
    name="key-sets",
    asks="Which hosts serve the pool's public keys, and are they the same keys?",
    makes="nothing",
    costs="nothing",
    lasts_seconds=(0, 2),
    assumptions=(
        Assumption(
            of="issuer's host",
            matters="every service that checks tokens reads it; that it survives the primary Region is not known, and "
            "can't be measured on a calm day",
            answer="keys",
            otherwise="have every service keep the keys, and fetch them elsewhere",
        ),
        Assumption(
            of="cognito-idp of the primary",
            matters="a second place for the keys",
            answer=SAME,
            otherwise="the sources in `probe/keys.py`",
        ),
        Assumption(
            of="cognito-idp of the standby",
            matters="the place for the keys when the primary Region is gone",
            answer=SAME,
            otherwise="the check `keys-served-standby` and the sources in `probe/keys.py`",
        ),
        Assumption(
            of="openid-configuration of the standby",
            matters="the front passes it on in the standby Region",
            answer="HTTP 200",
            otherwise="what docs/front.md says of the `.well-known` documents",
        ),
    ),
    open=_opened,
)
