"""What the name servers answer."""

import dns.rdatatype
import pytest

from tests.unit.sandbox_route53.harness import Route53Harness, build_alias_change, build_change, build_weighted_change

API_GATEWAY_ZONE = "Z1UJRXOUMOOFQ8"


def test_a_name_gives_its_records(world: Route53Harness) -> None:
    world.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1", "192.0.2.2", TTL=300))
    world.wait_until_in_sync()
    [rrset] = world.query("A.example.COM").answer
    assert sorted(rdata.to_text() for rdata in rrset) == ["192.0.2.1", "192.0.2.2"]
    assert rrset.ttl == 300


def test_the_apex_gives_its_name_servers_and_authority(world: Route53Harness) -> None:
    assert len(world.query_data("example.com", "NS")) == 4
    assert world.query_data("example.com", "SOA")[0].endswith("1 7200 900 1209600 86400")


def test_a_name_without_the_type_is_no_data_and_not_nxdomain(world: Route53Harness) -> None:
    world.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1"))
    world.wait_until_in_sync()
    answer = world.query("a.example.com", "AAAA")
    assert answer.rcode.name == "NOERROR"
    assert answer.answer == []
    assert [rrset.rdtype.name for rrset in answer.authority] == ["SOA"]


def test_an_unknown_name_is_nxdomain_with_the_authority(world: Route53Harness) -> None:
    answer = world.query("nowhere.example.com")
    assert answer.rcode.name == "NXDOMAIN"
    assert [rrset.ttl for rrset in answer.authority] == [900]


def test_an_empty_name_above_another_exists(world: Route53Harness) -> None:
    world.change_records(build_change("CREATE", "a.b.example.com", "A", "192.0.2.1"))
    world.wait_until_in_sync()
    assert world.query("b.example.com").rcode.name == "NOERROR"


def test_a_name_in_no_zone_is_refused(world: Route53Harness) -> None:
    answer = world.query("example.org")
    assert answer.rcode.name == "REFUSED"
    assert not answer.authoritative


def test_the_longest_matching_zone_answers(world: Route53Harness) -> None:
    child = world.client.create_hosted_zone(Name="sub.example.com", CallerReference="two")["HostedZone"]["Id"]
    world.change_records(build_change("CREATE", "a.sub.example.com", "A", "192.0.2.1"))
    world.change_records(build_change("CREATE", "a.sub.example.com", "A", "192.0.2.2"), zone_id=child)
    world.wait_until_in_sync()
    assert world.query_data("a.sub.example.com") == ["192.0.2.2"]


def test_a_cname_is_followed_within_the_zone(world: Route53Harness) -> None:
    world.change_records(
        build_change("CREATE", "a.example.com", "CNAME", "b.example.com"),
        build_change("CREATE", "b.example.com", "CNAME", "c.example.com"),
        build_change("CREATE", "c.example.com", "A", "192.0.2.1"),
    )
    world.wait_until_in_sync()
    assert world.query_data("a.example.com") == ["b.example.com.", "c.example.com.", "192.0.2.1"]
    assert world.query_data("a.example.com", "CNAME") == ["b.example.com."]


def test_cname_out_of_zone_is_not_followed(world: Route53Harness) -> None:
    world.change_records(build_change("CREATE", "a.example.com", "CNAME", "b.example.org"))
    world.wait_until_in_sync()
    assert world.query_data("a.example.com") == ["b.example.org."]


def test_a_cname_to_nothing_in_the_zone_is_nxdomain(world: Route53Harness) -> None:
    world.change_records(build_change("CREATE", "a.example.com", "CNAME", "b.example.com"))
    world.wait_until_in_sync()
    answer = world.query("a.example.com")
    assert answer.rcode.name == "NXDOMAIN"
    assert len(answer.answer) == 1


def test_cname_loop_ends(world: Route53Harness) -> None:
    world.change_records(
        build_change("CREATE", "a.example.com", "CNAME", "b.example.com"),
        build_change("CREATE", "b.example.com", "CNAME", "a.example.com"),
    )
    world.wait_until_in_sync()
    assert world.query("a.example.com").rcode.name == "SERVFAIL"


def test_a_wildcard_stands_for_names_that_are_not_there(world: Route53Harness) -> None:
    world.change_records(
        build_change("CREATE", "*.example.com", "A", "192.0.2.1"),
        build_change("CREATE", "b.example.com", "TXT", '"here"'),
    )
    world.wait_until_in_sync()
    assert world.query_data("any.example.com") == ["192.0.2.1"]
    assert world.query_data("very.deep.example.com") == ["192.0.2.1"]
    assert world.query_data("b.example.com") == []
    assert world.query("below.b.example.com").rcode.name == "NXDOMAIN"


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
def test_other_types_are_answered_as_written(world: Route53Harness, record_type: str, value: str) -> None:
    world.change_records(build_change("CREATE", "x.example.com", record_type, value))
    world.wait_until_in_sync()
    assert world.query_data("x.example.com", record_type) == [value]


def test_a_value_without_a_trailing_dot_is_absolute(world: Route53Harness) -> None:
    world.change_records(build_change("CREATE", "x.example.com", "MX", "10 mail.example.net"))
    world.wait_until_in_sync()
    assert world.query_data("x.example.com", "MX") == ["10 mail.example.net."]


def test_a_delegated_name_gives_a_referral_with_glue(world: Route53Harness) -> None:
    world.change_records(
        build_change("CREATE", "sub.example.com", "NS", "ns.sub.example.com"),
        build_change("CREATE", "ns.sub.example.com", "A", "192.0.2.1"),
    )
    world.wait_until_in_sync()
    answer = world.query("a.sub.example.com")
    assert not answer.authoritative
    assert [rrset.rdtype for rrset in answer.authority] == [dns.rdatatype.NS]
    assert [rrset[0].to_text() for rrset in answer.additional] == ["192.0.2.1"]


def test_an_alias_answers_with_its_targets_data_under_its_own_name(world: Route53Harness) -> None:
    world.change_records(
        build_change("CREATE", "b.example.com", "A", "192.0.2.1", TTL=30),
        build_alias_change("a.example.com", "b.example.com", world.zone_id),
    )
    world.wait_until_in_sync()
    [rrset] = world.query("a.example.com").answer
    assert (rrset.name.to_text(), rrset.ttl, rrset[0].to_text()) == ("a.example.com.", 30, "192.0.2.1")


def test_an_alias_at_the_apex_is_answered(world: Route53Harness) -> None:
    world.change_records(build_alias_change("example.com", "alb.us-east-1.amazonaws.com", API_GATEWAY_ZONE))
    world.wait_until_in_sync()
    assert world.query_data("example.com") == ["192.0.2.9"]


def test_an_alias_to_a_service_that_is_not_there_has_no_data(world: Route53Harness) -> None:
    world.change_records(build_alias_change("a.example.com", "gone.us-east-1.amazonaws.com", API_GATEWAY_ZONE))
    world.wait_until_in_sync()
    answer = world.query("a.example.com")
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


def test_weights_255_and_0_always_give_the_first(paired: Route53Harness) -> None:
    assert {paired.query_data("auth.example.com", "CNAME")[0] for _ in range(200)} == {"ap-northeast-1.example.net."}


def test_a_moved_pair_gives_only_the_other(paired: Route53Harness) -> None:
    paired.change_records(
        build_weighted_change("UPSERT", "ap-northeast-1", 0), build_weighted_change("UPSERT", "us-east-1", 255)
    )
    paired.wait_until_in_sync()
    assert {paired.query_data("auth.example.com", "CNAME")[0] for _ in range(200)} == {"us-east-1.example.net."}


def test_a_question_for_any_type_gives_them_all(world: Route53Harness) -> None:
    assert {rrset.rdtype.name for rrset in world.query("example.com", "ANY").answer} == {"NS", "SOA"}


def test_a_name_server_follows_a_weighted_cname_of_the_zone(paired: Route53Harness) -> None:
    assert paired.query_data("auth.example.com") == ["ap-northeast-1.example.net."]
