"""Measures which hosts serve the public keys for checking tokens."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cognito_failover.probe.cognito_response import parse_json_object
from cognito_failover.probe.https_client import HttpsEndpoint, NoResponseError
from cognito_failover.probe.login import build_cognito_endpoint
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import Assumption, Measurement, MeasurementSample

SAME_KEYS = "the issuer's keys"

_JWKS_PATH = "/.well-known/jwks.json"
_OPENID_CONFIGURATION_PATH = "/.well-known/openid-configuration"
_OK_STATUS = 200


@contextmanager
def _open_session(context: MeasurementContext) -> Iterator[Callable[[], MeasurementSample]]:
    yield lambda: MeasurementSample(answers=_collect_answers(context))


def _collect_answers(context: MeasurementContext) -> dict[str, str]:
    deployment = context.deployment
    host = f"issuer-cognito-idp.{deployment.primary}.amazonaws.com"
    issuer = HttpsEndpoint(host=host, server_name=host)
    issuer_keys = _fetch_key_ids(context, issuer)
    answers = {"issuer's host": "keys" if isinstance(issuer_keys, frozenset) else issuer_keys}
    for role, region in zip(("primary", "standby"), deployment.regions, strict=True):
        regional_keys = _fetch_key_ids(context, build_cognito_endpoint(region))
        different_answer = regional_keys if isinstance(regional_keys, str) else "other keys"
        answers[f"cognito-idp of the {role}"] = SAME_KEYS if regional_keys == issuer_keys else different_answer
    answers["openid-configuration of the standby"] = _fetch_status(context, build_cognito_endpoint(deployment.standby))
    return answers


def _fetch_key_ids(context: MeasurementContext, endpoint: HttpsEndpoint) -> frozenset[str] | str:
    try:
        response = context.https.get(endpoint, f"/{context.deployment.pool_id}{_JWKS_PATH}")
    except NoResponseError as error:
        return f"no answer: {error.kind}"
    if response.status != _OK_STATUS:
        return f"HTTP {response.status}"
    kids = frozenset(str(key.get("kid")) for key in parse_json_object(response.body).get("keys", ()))
    return kids or "no keys"


def _fetch_status(context: MeasurementContext, endpoint: HttpsEndpoint) -> str:
    try:
        return (
            f"HTTP {context.https.get(endpoint, f'/{context.deployment.pool_id}{_OPENID_CONFIGURATION_PATH}').status}"
        )
    except NoResponseError as error:
        return f"no answer: {error.kind}"


KEY_SETS = Measurement(
    name="key-sets",
    question="Which hosts serve the pool's public keys? Are the keys the same?",
    creates="nothing",
    cost="nothing",
    duration_seconds=(0, 2),
    assumptions=(
        Assumption(
            name="issuer's host",
            rationale="token checks read it; its survival of an outage is not measurable",
            expected_answer="keys",
            if_violated="let every service cache the keys",
        ),
        Assumption(
            name="cognito-idp of the primary",
            rationale="second source of the keys",
            expected_answer=SAME_KEYS,
            if_violated="the sources in `probe/jwks_cache.py`",
        ),
        Assumption(
            name="cognito-idp of the standby",
            rationale="source of the keys while the primary is down",
            expected_answer=SAME_KEYS,
            if_violated="the same, and the check `keys-served-standby`",
        ),
        Assumption(
            name="openid-configuration of the standby",
            rationale="the front forwards it",
            expected_answer="HTTP 200",
            if_violated="docs/front.md on `.well-known` documents",
        ),
    ),
    open_session=_open_session,
)
