"""What only Route 53's API has: pages, permissions, silence, roles of other accounts."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from failover.errors import LeverRefusedError, LeverUnavailableError
from failover.levers.records import same
from failover.levers.zone import Action, Change
from failover.levers.zone_route53 import ROLE_SESSION_SECONDS, Route53Zone
from sandbox.exchange import Response
from tests.integration.lever.sandboxed import NOW, Sandboxed, error
from tests.unit.lever.examples import BEACON, DOMAIN, beacon_of, pair, record

NAMES = (DOMAIN, BEACON)
ROLE = "arn:aws:iam::210987654321:role/dns"


def granted(access_key: str, expires_at: float) -> Response:
    expiration = datetime.fromtimestamp(expires_at, UTC).isoformat()
    text = (
        f"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{access_key}</AccessKeyId>"
        f"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{expiration}</Expiration>"
        f"</Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
    return Response(status=200, headers={"content-type": "text/xml"}, body=text.encode())


@pytest.fixture
def sandboxed() -> Sandboxed:
    return Sandboxed()


@pytest.fixture
def zone(sandboxed: Sandboxed) -> Route53Zone:
    return Route53Zone(sandboxed.create_zone(), region="us-west-2", session=sandboxed.session)


@pytest.fixture
def foreign_zone(sandboxed: Sandboxed) -> Route53Zone:
    zone_id = sandboxed.create_zone()
    sandboxed.sts = granted("ASIAFIRST", NOW + ROLE_SESSION_SECONDS)
    return Route53Zone(
        zone_id, region="us-west-2", role_arn=ROLE, session=sandboxed.session, clock=lambda: sandboxed.now
    )


def test_both_names_are_found_on_one_page_when_they_stand_together(sandboxed: Sandboxed) -> None:
    zone_id = sandboxed.create_zone()
    sandboxed.change(zone_id, "CREATE", *pair(), *beacon_of())
    sandboxed.asked.clear()
    zone = Route53Zone(zone_id, region="us-east-1", session=sandboxed.session)
    assert same(zone.record_sets(NAMES), [*pair(), *beacon_of()])
    assert len(sandboxed.asked) == 1


@pytest.mark.parametrize("between", [97, 98, 99, 150, 250])
def test_the_beacon_is_found_behind_any_number_of_names(sandboxed: Sandboxed, between: int) -> None:
    zone_id = sandboxed.create_zone()
    many = [
        record(str(number), 0, Name=f"{number}.auth.example.com.", SetIdentifier=None, Weight=None)
        for number in range(between)
    ]
    sandboxed.change(zone_id, "CREATE", *pair(), *many, *beacon_of())
    zone = Route53Zone(zone_id, region="us-east-1", session=sandboxed.session)
    assert same(zone.record_sets(NAMES), [*pair(), *beacon_of()])


def test_a_name_with_more_records_than_a_page_holds_is_read_to_its_end(sandboxed: Sandboxed) -> None:
    zone_id = sandboxed.create_zone()
    many = [
        record(f"set-{number:02}", 1, value, Type=kind)
        for kind, value in (("A", "192.0.2.1"), ("AAAA", "2001:db8::1"))
        for number in range(80)
    ]
    sandboxed.change(zone_id, "CREATE", *many, *beacon_of())
    zone = Route53Zone(zone_id, region="us-east-1", session=sandboxed.session)
    assert same(zone.record_sets(NAMES), [*many, *beacon_of()])


def test_a_private_zone_is_known_as_such(sandboxed: Sandboxed) -> None:
    zone = Route53Zone(sandboxed.create_zone(private=True), region="us-east-1", session=sandboxed.session)
    assert zone.facts().private


def test_the_zones_facts_are_asked_once(sandboxed: Sandboxed, zone: Route53Zone) -> None:
    sandboxed.asked.clear()
    zone.refresh()
    sandboxed.instead.append(("GET", "/hostedzone/", error("ServiceUnavailable", "down", status=503)))
    assert zone.facts().name_servers
    assert len(sandboxed.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        error("Throttling", "Rate exceeded"),
        error("PriorRequestNotComplete", "The request was rejected"),
        error("ServiceUnavailable", "down", status=503),
        error("InternalFailure", "down", status=500),
        Response(status=502, body=b"<html>no XML of ours</html>"),
        ConnectTimeoutError(endpoint_url="https://route53.amazonaws.com"),
    ],
)
def test_trouble_that_passes_is_told_as_unavailable_after_one_attempt(
    sandboxed: Sandboxed, zone: Route53Zone, answer: Response | Exception
) -> None:
    sandboxed.instead.append(("GET", "/rrset", answer))
    sandboxed.asked.clear()
    with pytest.raises(LeverUnavailableError, match="ListResourceRecordSets"):
        zone.record_sets(NAMES)
    assert len(sandboxed.asked) == 1


def test_a_call_that_hangs_is_given_up(sandboxed: Sandboxed) -> None:
    zone_id = sandboxed.create_zone()
    released = threading.Event()

    def hang(**_: object) -> None:
        released.wait()

    sandboxed.session.register("before-call.route-53.ListResourceRecordSets", hang)
    zone = Route53Zone(zone_id, region="us-east-1", session=sandboxed.session, call_seconds=0.1)
    with pytest.raises(LeverUnavailableError, match=r"ListResourceRecordSets got no answer within 0\.1 s"):
        zone.record_sets(NAMES)
    released.set()


def test_a_missing_permission_is_named_with_the_resource(sandboxed: Sandboxed, zone: Route53Zone) -> None:
    sandboxed.instead.append(("GET", "/rrset", error("AccessDenied", "not authorized", status=403)))
    with pytest.raises(LeverUnavailableError, match=r"Allow route53:ListResourceRecordSets on Z\w+"):
        zone.record_sets(NAMES)


def test_a_change_that_must_not_be_followed_is_named_as_the_resource(sandboxed: Sandboxed, zone: Route53Zone) -> None:
    sandboxed.instead.append(("GET", "/change/", error("AccessDenied", "not authorized", status=403)))
    with pytest.raises(LeverUnavailableError, match=r"not authorized\. Allow route53:GetChange on change/\* to"):
        zone.in_sync("C0123456789ABC")


def test_a_deleted_health_check_on_a_record_is_named_with_the_way_out(sandboxed: Sandboxed, zone: Route53Zone) -> None:
    sandboxed.instead.append(("POST", "/rrset", error("NoSuchHealthCheck", "No health check with id check-1")))
    with pytest.raises(LeverRefusedError, match=r"check-1\. .*Attach one that exists"):
        zone.submit([Change(action=Action.CREATE, record_set=record("x", 1, HealthCheckId="check-1"))], comment="test")


def test_a_zone_that_does_not_exist_is_named(sandboxed: Sandboxed) -> None:
    zone = Route53Zone("Z0NOSUCHZONE", region="us-east-1", session=sandboxed.session)
    with pytest.raises(LeverRefusedError, match="HOSTED_ZONE_ID is Z0NOSUCHZONE"):
        zone.facts()


def test_a_role_is_assumed_at_the_regions_own_sts(sandboxed: Sandboxed, foreign_zone: Route53Zone) -> None:
    sandboxed.asked.clear()
    foreign_zone.facts()
    assert sandboxed.asked[0] == ("POST", "sts.us-west-2.amazonaws.com", "AssumeRole")
    assert "ASIAFIRST" in sandboxed.signed_with[-1]


def test_credentials_are_renewed_only_after_half_their_life(sandboxed: Sandboxed, foreign_zone: Route53Zone) -> None:
    foreign_zone.refresh()
    sandboxed.sts = granted("ASIASECOND", NOW + 1.5 * ROLE_SESSION_SECONDS)
    sandboxed.now += ROLE_SESSION_SECONDS / 2 - 1
    foreign_zone.refresh()
    foreign_zone.record_sets(NAMES)
    assert "ASIAFIRST" in sandboxed.signed_with[-1]
    sandboxed.now += 1
    foreign_zone.refresh()
    foreign_zone.record_sets(NAMES)
    assert "ASIASECOND" in sandboxed.signed_with[-1]


def test_with_sts_down_the_credentials_at_hand_go_on_to_their_end(
    sandboxed: Sandboxed, foreign_zone: Route53Zone
) -> None:
    foreign_zone.refresh()
    sandboxed.sts = error("ServiceUnavailable", "down", status=503)
    sandboxed.now += ROLE_SESSION_SECONDS - 1
    with pytest.raises(LeverUnavailableError, match="AssumeRole"):
        foreign_zone.refresh()
    assert foreign_zone.record_sets(NAMES) == ()
    sandboxed.now += 1
    with pytest.raises(LeverUnavailableError, match="AssumeRole"):
        foreign_zone.record_sets(NAMES)


def test_a_role_that_may_not_be_assumed_is_named(sandboxed: Sandboxed, foreign_zone: Route53Zone) -> None:
    sandboxed.sts = error("AccessDenied", "not authorized", status=403)
    with pytest.raises(LeverUnavailableError, match=f"Allow sts:AssumeRole on {ROLE}"):
        foreign_zone.record_sets(NAMES)


def test_credentials_are_in_no_repr(foreign_zone: Route53Zone) -> None:
    foreign_zone.refresh()
    assert "ASIAFIRST" not in repr(vars(foreign_zone))


CHANGES = [Change(action=Action.CREATE, record_set=record("x", 1))]
NONSENSE = [b"", b"<html>oops", b"<html></html>", b'{"x": 1}']


@pytest.mark.parametrize("body", NONSENSE)
@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("GetHostedZone", lambda zone: zone.facts()),
        ("ListResourceRecordSets", lambda zone: zone.record_sets(NAMES)),
        ("ChangeResourceRecordSets", lambda zone: zone.submit(CHANGES, comment="test")),
        ("GetChange", lambda zone: zone.in_sync("C0123456789ABC")),
        ("GetHostedZone", lambda zone: zone.refresh()),
    ],
)
def test_an_answer_that_is_none_of_route_53s_is_no_answer(
    sandboxed: Sandboxed, zone: Route53Zone, operation: str, call: Callable[[Route53Zone], object], body: bytes
) -> None:
    for method in ("GET", "POST"):
        sandboxed.instead.append((method, "/", Response(status=200, body=body)))
    with pytest.raises(
        LeverUnavailableError, match=rf"^{operation} failed in a way that nobody foresaw: \S+ in \S+, line"
    ):
        call(zone)


def test_a_grant_that_cannot_be_read_is_none_and_told_without_what_it_holds(
    sandboxed: Sandboxed, foreign_zone: Route53Zone
) -> None:
    sandboxed.sts = Response(status=200, body=b"<AssumeRoleResponse><SecretAccessKey>wJalrXUtnFEMI</SecretAcc")
    with pytest.raises(LeverUnavailableError, match=r"^AssumeRole failed in a way") as raised:
        foreign_zone.record_sets(NAMES)
    assert "wJalr" not in str(raised.value)


def test_a_question_that_route_53_rejects_is_an_answer_that_did_not_come(
    sandboxed: Sandboxed, zone: Route53Zone
) -> None:
    sandboxed.instead.append(("GET", "/rrset", error("InvalidInput", "what?")))
    with pytest.raises(LeverUnavailableError, match="ListResourceRecordSets answered InvalidInput"):
        zone.record_sets(NAMES)


def test_a_client_that_was_being_made_while_credentials_were_renewed_is_not_kept_in_their_place(
    sandboxed: Sandboxed, foreign_zone: Route53Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign_zone.refresh()
    monkeypatch.setattr(foreign_zone, "_opened", None)
    create = sandboxed.session.create_client

    def meanwhile(service: str, *arguments: Any, **named: Any) -> Any:
        monkeypatch.setattr(sandboxed.session, "create_client", create)
        sandboxed.sts = granted("ASIASECOND", NOW + 1.5 * ROLE_SESSION_SECONDS)
        sandboxed.now += ROLE_SESSION_SECONDS / 2
        foreign_zone.refresh()
        return create(service, *arguments, **named)

    monkeypatch.setattr(sandboxed.session, "create_client", meanwhile)
    foreign_zone.record_sets(NAMES)
    assert "ASIAFIRST" in sandboxed.signed_with[-1]
    foreign_zone.record_sets(NAMES)
    assert "ASIASECOND" in sandboxed.signed_with[-1]
