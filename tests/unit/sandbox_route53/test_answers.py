"""Answers of the name servers."""

import dns.rdatatype
import pytest

from sandbox.route53 import NAME_SERVERS
from sandbox.route53.batch import CLOUDFRONT_ZONE
from tests.unit.sandbox_route53.harness import Route53Harness, build_alias_change, build_change, build_weighted_change

API_GATEWAY_ZONE = "Z1UJRXOUMOOFQ8"


def test_name_returns_its_records(harness: Route53Harness) -> None:
    harness.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1", "192.0.2.2", TTL=300))
    harness.wait_until_in_sync()
    [rrset] = harness.query("A.example.COM").answer
    assert sorted(rdata.to_text() for rdata in rrset) == ["192.0.2.1", "192.0.2.2"]
    assert rrset.ttl == 300


def test_apex_returns_name_servers_and_soa(harness: Route53Harness) -> None:
    assert len(harness.query_data("example.com", "NS")) == 4
    assert harness.query_data("example.com", "SOA")[0].endswith("1 7200 900 1209600 86400")


def test_name_without_the_type_is_no_data_and_not_nxdomain(harness: Route53Harness) -> None:
    harness.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1"))
    harness.wait_until_in_sync()
    answer = harness.query("a.example.com", "AAAA")
    assert answer.rcode.name == "NOERROR"
    assert answer.answer == []
    assert [rrset.rdtype.name for rrset in answer.authority] == ["SOA"]


def test_unknown_name_is_nxdomain_with_soa(harness: Route53Harness) -> None:
    answer = harness.query("nowhere.example.com")
    assert answer.rcode.name == "NXDOMAIN"
    assert [rrset.ttl for rrset in answer.authority] == [900]


def test_empty_name_above_another_exists(harness: Route53Harness) -> None:
    harness.change_records(build_change("CREATE", "a.b.example.com", "A", "192.0.2.1"))
    harness.wait_until_in_sync()
    assert harness.query("b.example.com").rcode.name == "NOERROR"


def test_name_in_no_zone_is_rejected(harness: Route53Harness) -> None:
    answer = harness.query("example.org")
    assert answer.rcode.name == "REFUSED"
    assert not answer.authoritative


def create_child_zone(harness: Route53Harness) -> tuple[str, list[str]]:
    """Create the zone sub.example.com, and return its id and name servers."""
    created = harness.client.create_hosted_zone(Name="sub.example.com", CallerReference="two")
    return created["HostedZone"]["Id"], created["DelegationSet"]["NameServers"]


def test_child_zone_has_name_servers_that_its_parent_does_not_have(harness: Route53Harness) -> None:
    _, servers = create_child_zone(harness)
    assert len(servers) == 4
    assert not set(servers) & set(NAME_SERVERS)
    harness.wait_until_in_sync()
    assert harness.query_data("sub.example.com", "NS", name_server=4) == [f"{server}." for server in servers]


def test_child_zone_answers_only_on_its_own_name_servers(harness: Route53Harness) -> None:
    child, _ = create_child_zone(harness)
    harness.change_records(build_change("CREATE", "a.sub.example.com", "A", "192.0.2.1"))
    harness.change_records(build_change("CREATE", "a.sub.example.com", "A", "192.0.2.2"), zone_id=child)
    harness.wait_until_in_sync()
    assert harness.query_data("a.sub.example.com") == ["192.0.2.1"]
    assert harness.query_data("a.sub.example.com", name_server=4) == ["192.0.2.2"]
    assert harness.query("a.example.com", name_server=4).rcode.name == "REFUSED"


def test_name_servers_record_below_the_apex_gives_a_referral(harness: Route53Harness) -> None:
    _, servers = create_child_zone(harness)
    harness.change_records(
        build_change("CREATE", "sub.example.com", "NS", *servers),
        build_change("CREATE", "a.sub.example.com", "A", "192.0.2.1"),
    )
    harness.wait_until_in_sync()
    for name, record_type in (("a.sub.example.com", "A"), ("sub.example.com", "NS")):
        answer = harness.query(name, record_type)
        assert not answer.authoritative
        assert answer.answer == []
        assert [rrset.name.to_text() for rrset in answer.authority] == ["sub.example.com."]


def test_cname_is_followed_within_the_zone(harness: Route53Harness) -> None:
    harness.change_records(
        build_change("CREATE", "a.example.com", "CNAME", "b.example.com"),
        build_change("CREATE", "b.example.com", "CNAME", "c.example.com"),
        build_change("CREATE", "c.example.com", "A", "192.0.2.1"),
    )
    harness.wait_until_in_sync()
    assert harness.query_data("a.example.com") == ["b.example.com.", "c.example.com.", "192.0.2.1"]
    assert harness.query_data("a.example.com", "CNAME") == ["b.example.com."]


def test_cname_out_of_zone_is_not_followed(harness: Route53Harness) -> None:
    harness.change_records(build_change("CREATE", "a.example.com", "CNAME", "b.example.org"))
    harness.wait_until_in_sync()
    assert harness.query_data("a.example.com") == ["b.example.org."]


def test_cname_to_nothing_in_the_zone_is_nxdomain(harness: Route53Harness) -> None:
    harness.change_records(build_change("CREATE", "a.example.com", "CNAME", "b.example.com"))
    harness.wait_until_in_sync()
    answer = harness.query("a.example.com")
    assert answer.rcode.name == "NXDOMAIN"
    assert len(answer.answer) == 1


def test_cname_loop_ends(harness: Route53Harness) -> None:
    harness.change_records(
        build_change("CREATE", "a.example.com", "CNAME", "b.example.com"),
        build_change("CREATE", "b.example.com", "CNAME", "a.example.com"),
    )
    harness.wait_until_in_sync()
    assert harness.query("a.example.com").rcode.name == "SERVFAIL"


def test_wildcard_answers_for_missing_names(harness: Route53Harness) -> None:
    harness.change_records(
        build_change("CREATE", "*.example.com", "A", "192.0.2.1"),
        build_change("CREATE", "b.example.com", "TXT", '"here"'),
    )
    harness.wait_until_in_sync()
    assert harness.query_data("any.example.com") == ["192.0.2.1"]
    assert harness.query_data("very.deep.example.com") == ["192.0.2.1"]
    assert harness.query_data("b.example.com") == []
    assert harness.query("below.b.example.com").rcode.name == "NXDOMAIN"


@pytest.mark.parametrize(
    ("record_type", "value"),
    [
        ("AAAA", "2001:db8::1"),
        ("TXT", '"one" "two"'),
        ("MX", "10 mail.example.com."),
        ("SRV", "1 2 443 a.example.com."),
        ("CAA", '0 issue "ca.example.net"'),
        ("PTR", "a.example.com."),
    ],
)
def test_other_types_are_answered_as_written(harness: Route53Harness, record_type: str, value: str) -> None:
    harness.change_records(build_change("CREATE", "x.example.com", record_type, value))
    harness.wait_until_in_sync()
    assert harness.query_data("x.example.com", record_type) == [value]


def test_value_without_a_trailing_dot_is_absolute(harness: Route53Harness) -> None:
    harness.change_records(build_change("CREATE", "x.example.com", "MX", "10 mail.example.net"))
    harness.wait_until_in_sync()
    assert harness.query_data("x.example.com", "MX") == ["10 mail.example.net."]


def test_delegated_name_returns_referral_with_glue(harness: Route53Harness) -> None:
    harness.change_records(
        build_change("CREATE", "sub.example.com", "NS", "ns.sub.example.com"),
        build_change("CREATE", "ns.sub.example.com", "A", "192.0.2.1"),
    )
    harness.wait_until_in_sync()
    answer = harness.query("a.sub.example.com")
    assert not answer.authoritative
    assert [rrset.rdtype for rrset in answer.authority] == [dns.rdatatype.NS]
    assert [rrset[0].to_text() for rrset in answer.additional] == ["192.0.2.1"]


def test_alias_answers_with_its_targets_data_under_its_own_name(harness: Route53Harness) -> None:
    harness.change_records(
        build_change("CREATE", "b.example.com", "A", "192.0.2.1", TTL=30),
        build_alias_change("a.example.com", "b.example.com", harness.zone_id),
    )
    harness.wait_until_in_sync()
    [rrset] = harness.query("a.example.com").answer
    assert (rrset.name.to_text(), rrset.ttl, rrset[0].to_text()) == ("a.example.com.", 30, "192.0.2.1")


def test_alias_at_the_apex_is_answered(harness: Route53Harness) -> None:
    harness.change_records(build_alias_change("example.com", "alb.us-east-1.amazonaws.com", API_GATEWAY_ZONE))
    harness.wait_until_in_sync()
    assert harness.query_data("example.com") == ["192.0.2.9"]


def test_weighted_service_binding_answers_with_its_target(harness: Route53Harness) -> None:
    values = {"tokyo": (255, "1 tokyo.example.net. alpn=h2"), "virginia": (0, '1 virginia.example.net alpn="h2,h3"')}
    harness.change_records(
        *(
            build_change("CREATE", "auth.example.com", "HTTPS", value, SetIdentifier=identifier, Weight=weight)
            for identifier, (weight, value) in values.items()
        ),
        build_change("CREATE", "auth.example.com", "SVCB", "0 other.example.net"),
        build_change("CREATE", "auth.example.com", "A", "192.0.2.1"),
    )
    harness.wait_until_in_sync()
    assert harness.query_data("auth.example.com", "HTTPS") == ['1 tokyo.example.net. alpn="h2"']
    assert harness.query_data("auth.example.com", "SVCB") == ["0 other.example.net."]


def test_service_binding_alias_to_cloudfront_stays_at_its_own_name(harness: Route53Harness) -> None:
    harness.change_records(
        build_alias_change("cdn.example.com", "d1.cloudfront.net", CLOUDFRONT_ZONE, Type="HTTPS"),
        build_alias_change("gone.example.com", "d2.cloudfront.net", CLOUDFRONT_ZONE, Type="HTTPS"),
        build_alias_change("alb.example.com", "alb.us-east-1.amazonaws.com", API_GATEWAY_ZONE, Type="HTTPS"),
    )
    harness.wait_until_in_sync()
    assert harness.query_data("cdn.example.com", "HTTPS") == ['1 . alpn="h2,h3"']
    assert harness.query_data("gone.example.com", "HTTPS") == []
    assert harness.query_data("alb.example.com", "HTTPS") == []


def test_alias_to_unknown_service_has_no_data(harness: Route53Harness) -> None:
    harness.change_records(build_alias_change("a.example.com", "gone.us-east-1.amazonaws.com", API_GATEWAY_ZONE))
    harness.wait_until_in_sync()
    answer = harness.query("a.example.com")
    assert answer.rcode.name == "NOERROR"
    assert answer.answer == []


def test_dns_answer_operation_matches_name_server(paired: Route53Harness) -> None:
    answer = paired.client.test_dns_answer(
        HostedZoneId=paired.zone_id, RecordName="auth.example.com", RecordType="CNAME"
    )
    assert answer["RecordData"] == ["ap-northeast-1.example.net."]
    assert answer["ResponseCode"] == "NOERROR"
    with paired.expect_error("InvalidInput", "does not lie within"):
        paired.client.test_dns_answer(HostedZoneId=paired.zone_id, RecordName="example.org", RecordType="A")


def test_weights_255_and_0_always_return_the_first(paired: Route53Harness) -> None:
    assert {paired.query_data("auth.example.com", "CNAME")[0] for _ in range(200)} == {"ap-northeast-1.example.net."}


def test_moved_pair_returns_only_the_other(paired: Route53Harness) -> None:
    paired.change_records(
        build_weighted_change("UPSERT", "ap-northeast-1", 0), build_weighted_change("UPSERT", "us-east-1", 255)
    )
    paired.wait_until_in_sync()
    assert {paired.query_data("auth.example.com", "CNAME")[0] for _ in range(200)} == {"us-east-1.example.net."}


def test_any_query_returns_all_types(harness: Route53Harness) -> None:
    assert {rrset.rdtype.name for rrset in harness.query("example.com", "ANY").answer} == {"NS", "SOA"}


def test_name_server_follows_a_weighted_cname_of_the_zone(paired: Route53Harness) -> None:
    assert paired.query_data("auth.example.com") == ["ap-northeast-1.example.net."]
