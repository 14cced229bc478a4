"""Tests of Route 53 only: pages, permissions, timeouts, and roles of other accounts."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from cognito_failover.common.errors import LeverRefusedError, LeverUnavailableError
from cognito_failover.routing.record_set import are_equal
from cognito_failover.routing.records.hosted_zone import RecordAction, RecordChange
from cognito_failover.routing.records.route53_zone import ROLE_SESSION_SECONDS, Route53Zone
from sandbox.http_messages import EndpointResponse
from tests.integration.routing.route53_session import NOW, Route53Session, make_error
from tests.unit.routing.records.examples import (
    DOMAIN,
    REGION_RECORD_NAME,
    make_record,
    make_record_pair,
    make_region_record_pair,
)

NAMES = (DOMAIN, REGION_RECORD_NAME)
ROLE = "arn:aws:iam::210987654321:role/dns"


def make_assumed_role(access_key: str, expires_at: float) -> EndpointResponse:
    expiration = datetime.fromtimestamp(expires_at, UTC).isoformat()
    text = (
        f"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{access_key}</AccessKeyId>"
        f"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{expiration}</Expiration>"
        f"</Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
    return EndpointResponse(status=200, headers={"content-type": "text/xml"}, body=text.encode())


@pytest.fixture
def route53_session() -> Route53Session:
    return Route53Session()


@pytest.fixture
def zone(route53_session: Route53Session) -> Route53Zone:
    return Route53Zone(route53_session.create_zone(), region="us-west-2", session=route53_session.session)


@pytest.fixture
def foreign_zone(route53_session: Route53Session) -> Route53Zone:
    zone_id = route53_session.create_zone()
    route53_session.sts = make_assumed_role("ASIAFIRST", NOW + ROLE_SESSION_SECONDS)
    return Route53Zone(
        zone_id, region="us-west-2", role_arn=ROLE, session=route53_session.session, clock=lambda: route53_session.now
    )


def test_adjacent_names_are_read_from_one_page(route53_session: Route53Session) -> None:
    zone_id = route53_session.create_zone()
    route53_session.change(zone_id, "CREATE", *make_record_pair(), *make_region_record_pair())
    route53_session.requests.clear()
    zone = Route53Zone(zone_id, region="us-east-1", session=route53_session.session)
    assert are_equal(zone.list_record_sets(NAMES), [*make_record_pair(), *make_region_record_pair()])
    assert len(route53_session.requests) == 1


@pytest.mark.parametrize("count", [97, 98, 99, 150, 250])
def test_region_record_is_read_after_many_other_names(route53_session: Route53Session, count: int) -> None:
    zone_id = route53_session.create_zone()
    many = [
        make_record(str(number), 0, Name=f"{number}.auth.example.com.", SetIdentifier=None, Weight=None)
        for number in range(count)
    ]
    route53_session.change(zone_id, "CREATE", *make_record_pair(), *many, *make_region_record_pair())
    zone = Route53Zone(zone_id, region="us-east-1", session=route53_session.session)
    assert are_equal(zone.list_record_sets(NAMES), [*make_record_pair(), *make_region_record_pair()])


def test_name_with_multiple_pages_is_read_completely(route53_session: Route53Session) -> None:
    zone_id = route53_session.create_zone()
    many = [
        make_record(f"set-{number:02}", 1, value, Type=kind)
        for kind, value in (("A", "192.0.2.1"), ("AAAA", "2001:db8::1"))
        for number in range(80)
    ]
    route53_session.change(zone_id, "CREATE", *many, *make_region_record_pair())
    zone = Route53Zone(zone_id, region="us-east-1", session=route53_session.session)
    assert are_equal(zone.list_record_sets(NAMES), [*many, *make_region_record_pair()])


def test_private_zone_is_detected(route53_session: Route53Session) -> None:
    zone = Route53Zone(route53_session.create_zone(private=True), region="us-east-1", session=route53_session.session)
    assert zone.get_info().is_private


def test_zone_info_is_read_once(route53_session: Route53Session, zone: Route53Zone) -> None:
    route53_session.requests.clear()
    zone.refresh()
    route53_session.overrides.append(("GET", "/hostedzone/", make_error("ServiceUnavailable", "down", status=503)))
    assert zone.get_info().name_servers
    assert len(route53_session.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        make_error("Throttling", "Rate exceeded"),
        make_error("PriorRequestNotComplete", "The request was rejected"),
        make_error("ServiceUnavailable", "down", status=503),
        make_error("InternalFailure", "down", status=500),
        EndpointResponse(status=502, body=b"<html>not the expected XML</html>"),
        ConnectTimeoutError(endpoint_url="https://route53.amazonaws.com"),
    ],
)
def test_transient_error_is_unavailable_after_one_attempt(
    route53_session: Route53Session, zone: Route53Zone, answer: EndpointResponse | Exception
) -> None:
    route53_session.overrides.append(("GET", "/rrset", answer))
    route53_session.requests.clear()
    with pytest.raises(LeverUnavailableError, match="ListResourceRecordSets"):
        zone.list_record_sets(NAMES)
    assert len(route53_session.requests) == 1


def test_hanging_call_is_abandoned(route53_session: Route53Session) -> None:
    zone_id = route53_session.create_zone()
    released = threading.Event()

    def hang(**_: object) -> None:
        released.wait()

    route53_session.session.register("before-call.route-53.ListResourceRecordSets", hang)
    zone = Route53Zone(zone_id, region="us-east-1", session=route53_session.session, call_timeout_seconds=0.1)
    with pytest.raises(LeverUnavailableError, match=r"ListResourceRecordSets got no answer within 0\.1 s"):
        zone.list_record_sets(NAMES)
    released.set()


def test_missing_permission_is_named_with_resource(route53_session: Route53Session, zone: Route53Zone) -> None:
    route53_session.overrides.append(("GET", "/rrset", make_error("AccessDenied", "not authorized", status=403)))
    with pytest.raises(LeverUnavailableError, match=r"Allow route53:ListResourceRecordSets on Z\w+"):
        zone.list_record_sets(NAMES)


def test_unreadable_change_status_names_the_resource(route53_session: Route53Session, zone: Route53Zone) -> None:
    route53_session.overrides.append(("GET", "/change/", make_error("AccessDenied", "not authorized", status=403)))
    with pytest.raises(LeverUnavailableError, match=r"not authorized\. Allow route53:GetChange on change/\* to"):
        zone.is_in_sync("C0123456789ABC")


def test_deleted_health_check_is_named_with_hint(route53_session: Route53Session, zone: Route53Zone) -> None:
    route53_session.overrides.append(
        ("POST", "/rrset", make_error("NoSuchHealthCheck", "No health check with id check-1"))
    )
    with pytest.raises(LeverRefusedError, match=r"check-1\. .*break_glass\.py --without-check ID"):
        zone.submit(
            [RecordChange(action=RecordAction.CREATE, record_set=make_record("x", 1, HealthCheckId="check-1"))],
            comment="test",
        )


def test_missing_zone_is_named(route53_session: Route53Session) -> None:
    zone = Route53Zone("Z0NOSUCHZONE", region="us-east-1", session=route53_session.session)
    with pytest.raises(LeverRefusedError, match="HOSTED_ZONE_ID is Z0NOSUCHZONE"):
        zone.get_info()


def test_role_is_assumed_at_regional_sts(route53_session: Route53Session, foreign_zone: Route53Zone) -> None:
    route53_session.requests.clear()
    foreign_zone.get_info()
    assert route53_session.requests[0] == ("POST", "sts.us-west-2.amazonaws.com", "AssumeRole")
    assert "ASIAFIRST" in route53_session.signed_with[-1]


def test_credentials_are_renewed_after_half_their_lifetime(
    route53_session: Route53Session, foreign_zone: Route53Zone
) -> None:
    foreign_zone.refresh()
    route53_session.sts = make_assumed_role("ASIASECOND", NOW + 1.5 * ROLE_SESSION_SECONDS)
    route53_session.now += ROLE_SESSION_SECONDS / 2 - 1
    foreign_zone.refresh()
    foreign_zone.list_record_sets(NAMES)
    assert "ASIAFIRST" in route53_session.signed_with[-1]
    route53_session.now += 1
    foreign_zone.refresh()
    foreign_zone.list_record_sets(NAMES)
    assert "ASIASECOND" in route53_session.signed_with[-1]


def test_current_credentials_last_to_expiry_while_sts_is_down(
    route53_session: Route53Session, foreign_zone: Route53Zone
) -> None:
    foreign_zone.refresh()
    route53_session.sts = make_error("ServiceUnavailable", "down", status=503)
    route53_session.now += ROLE_SESSION_SECONDS - 1
    with pytest.raises(LeverUnavailableError, match="AssumeRole"):
        foreign_zone.refresh()
    assert foreign_zone.list_record_sets(NAMES) == ()
    route53_session.now += 1
    with pytest.raises(LeverUnavailableError, match="AssumeRole"):
        foreign_zone.list_record_sets(NAMES)


def test_denied_role_is_named(route53_session: Route53Session, foreign_zone: Route53Zone) -> None:
    route53_session.sts = make_error("AccessDenied", "not authorized", status=403)
    with pytest.raises(LeverUnavailableError, match=f"Allow sts:AssumeRole on {ROLE}"):
        foreign_zone.list_record_sets(NAMES)


def test_credentials_are_not_in_repr(foreign_zone: Route53Zone) -> None:
    foreign_zone.refresh()
    assert "ASIAFIRST" not in repr(vars(foreign_zone))


CHANGE_CALLS = [RecordChange(action=RecordAction.CREATE, record_set=make_record("x", 1))]
MALFORMED_RESPONSES = [b"", b"<html>oops", b"<html></html>", b'{"x": 1}']


@pytest.mark.parametrize("body", MALFORMED_RESPONSES)
@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("GetHostedZone", lambda zone: zone.get_info()),
        ("ListResourceRecordSets", lambda zone: zone.list_record_sets(NAMES)),
        ("ChangeResourceRecordSets", lambda zone: zone.submit(CHANGE_CALLS, comment="test")),
        ("GetChange", lambda zone: zone.is_in_sync("C0123456789ABC")),
        ("GetHostedZone", lambda zone: zone.refresh()),
    ],
)
def test_malformed_route_53_response_is_unavailable(
    route53_session: Route53Session,
    zone: Route53Zone,
    operation: str,
    call: Callable[[Route53Zone], object],
    body: bytes,
) -> None:
    for method in ("GET", "POST"):
        route53_session.overrides.append((method, "/", EndpointResponse(status=200, body=body)))
    with pytest.raises(LeverUnavailableError, match=rf"^{operation} failed with an unexpected error: \S+ in \S+, line"):
        call(zone)


def test_malformed_credentials_are_rejected_without_their_content(
    route53_session: Route53Session, foreign_zone: Route53Zone
) -> None:
    route53_session.sts = EndpointResponse(
        status=200, body=b"<AssumeRoleResponse><SecretAccessKey>wJalrXUtnFEMI</SecretAcc"
    )
    with pytest.raises(LeverUnavailableError, match=r"^AssumeRole failed with an unexpected error") as raised:
        foreign_zone.list_record_sets(NAMES)
    assert "wJalr" not in str(raised.value)


def test_invalid_request_error_is_unavailable(route53_session: Route53Session, zone: Route53Zone) -> None:
    route53_session.overrides.append(("GET", "/rrset", make_error("InvalidInput", "what?")))
    with pytest.raises(LeverUnavailableError, match="ListResourceRecordSets answered InvalidInput"):
        zone.list_record_sets(NAMES)


def test_client_created_during_renewal_is_replaced_by_the_new_one(
    route53_session: Route53Session, foreign_zone: Route53Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign_zone.refresh()
    monkeypatch.setattr(foreign_zone, "_authenticated_client", None)
    create = route53_session.session.create_client

    def renew_credentials(service: str, *arguments: Any, **keywords: Any) -> Any:
        monkeypatch.setattr(route53_session.session, "create_client", create)
        route53_session.sts = make_assumed_role("ASIASECOND", NOW + 1.5 * ROLE_SESSION_SECONDS)
        route53_session.now += ROLE_SESSION_SECONDS / 2
        foreign_zone.refresh()
        return create(service, *arguments, **keywords)

    monkeypatch.setattr(route53_session.session, "create_client", renew_credentials)
    foreign_zone.list_record_sets(NAMES)
    assert "ASIAFIRST" in route53_session.signed_with[-1]
    foreign_zone.list_record_sets(NAMES)
    assert "ASIASECOND" in route53_session.signed_with[-1]
