"""What the name servers answer."""

import dns.rdatatype
import pytest

from tests.unit.sandbox_route53.world import World, alias, entry, weighted

API_GATEWAY_ZONE = "Z1UJRXOUMOOFQ8"


def test_a_name_gives_its_records(world: World) -> None:
    world.change(entry("CREATE", "a.example.com", "A", "192.0.2.1", "192.0.2.2", TTL=300))
    world.settle()
    [rrset] = world.ask("A.example.COM").answer
    assert sorted(rdata.to_text() for rdata in rrset) == ["192.0.2.1", "192.0.2.2"]
    assert rrset.ttl == 300


def test_the_apex_gives_its_name_servers_and_authority(world: World) -> None:
    assert len(world.data("example.com", "NS")) == 4
    assert world.data("example.com", "SOA")[0].endswith("1 7200 900 1209600 86400")


def test_a_name_without_the_type_is_no_data_and_not_nxdomain(world: World) -> None:
    world.change(entry("CREATE", "a.example.com", "A", "192.0.2.1"))
    world.settle()
    answer = world.ask("a.example.com", "AAAA")
    assert answer.rcode.name == "NOERROR"
    assert answer.answer == []
    assert [rrset.rdtype.name for rrset in answer.authority] == ["SOA"]


def test_an_unknown_name_is_nxdomain_with_the_authority(world: World) -> None:
    answer = world.ask("nowhere.example.com")
    assert answer.rcode.name == "NXDOMAIN"
    assert [rrset.ttl for rrset in answer.authority] == [900]


def test_an_empty_name_above_another_exists(world: World) -> None:
    world.change(entry("CREATE", "a.b.example.com", "A", "192.0.2.1"))
    world.settle()
    assert world.ask("b.example.com").rcode.name == "NOERROR"


def test_a_name_in_no_zone_is_refused(world: World) -> None:
    answer = world.ask("example.org")
    assert answer.rcode.name == "REFUSED"
    assert not answer.authoritative


def test_the_longest_matching_zone_answers(world: World) -> None:
    child = world.client.create_hosted_zone(Name="sub.example.com", CallerReference="two")["HostedZone"]["Id"]
    world.change(entry("CREATE", "a.sub.example.com", "A", "192.0.2.1"))
    world.change(entry("CREATE", "a.sub.example.com", "A", "192.0.2.2"), zone_id=child)
    world.settle()
    assert world.data("a.sub.example.com") == ["192.0.2.2"]


def test_a_cname_is_followed_within_the_zone(world: World) -> None:
    world.change(
        entry("CREATE", "a.example.com", "CNAME", "b.example.com"),
        entry("CREATE", "b.example.com", "CNAME", "c.example.com"),
        entry("CREATE", "c.example.com", "A", "192.0.2.1"),
    )
    world.settle()
    assert world.data("a.example.com") == ["b.example.com.", "c.example.com.", "192.0.2.1"]
    assert world.data("a.example.com", "CNAME") == ["b.example.com."]


def test_a_cname_out_of_the_zone_is_left_to_the_asker(world: World) -> None:
    world.change(entry("CREATE", "a.example.com", "CNAME", "b.example.org"))
    world.settle()
    assert world.data("a.example.com") == ["b.example.org."]


def test_a_cname_to_nothing_in_the_zone_is_nxdomain(world: World) -> None:
    world.change(entry("CREATE", "a.example.com", "CNAME", "b.example.com"))
    world.settle()
    answer = world.ask("a.example.com")
    assert answer.rcode.name == "NXDOMAIN"
    assert len(answer.answer) == 1


def test_a_circle_of_cnames_ends(world: World) -> None:
    world.change(
        entry("CREATE", "a.example.com", "CNAME", "b.example.com"),
        entry("CREATE", "b.example.com", "CNAME", "a.example.com"),
    )
    world.settle()
    assert world.ask("a.example.com").rcode.name == "SERVFAIL"


def test_a_wildcard_stands_for_names_that_are_not_there(world: World) -> None:
    world.change(entry("CREATE", "*.example.com", "A", "192.0.2.1"), entry("CREATE", "b.example.com", "TXT", '"here"'))
    world.settle()
    assert world.data("any.example.com") == ["192.0.2.1"]
    assert world.data("very.deep.example.com") == ["192.0.2.1"]
    assert world.data("b.example.com") == []
    assert world.ask("below.b.example.com").rcode.name == "NXDOMAIN"


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
def test_other_types_are_answered_as_written(world: World, record_type: str, value: str) -> None:
    world.change(entry("CREATE", "x.example.com", record_type, value))
    world.settle()
    assert world.data("x.example.com", record_type) == [value]


def test_a_value_without_a_trailing_dot_is_absolute(world: World) -> None:
    world.change(entry("CREATE", "x.example.com", "MX", "10 mail.example.net"))
    world.settle()
    assert world.data("x.example.com", "MX") == ["10 mail.example.net."]


def test_a_delegated_name_gives_a_referral_with_glue(world: World) -> None:
    world.change(
        entry("CREATE", "sub.example.com", "NS", "ns.sub.example.com"),
        entry("CREATE", "ns.sub.example.com", "A", "192.0.2.1"),
    )
    world.settle()
    answer = world.ask("a.sub.example.com")
    assert not answer.authoritative
    assert [rrset.rdtype for rrset in answer.authority] == [dns.rdatatype.NS]
    assert [rrset[0].to_text() for rrset in answer.additional] == ["192.0.2.1"]


def test_an_alias_answers_with_its_targets_data_under_its_own_name(world: World) -> None:
    world.change(
        entry("CREATE", "b.example.com", "A", "192.0.2.1", TTL=30),
        alias("a.example.com", "b.example.com", world.zone_id),
    )
    world.settle()
    [rrset] = world.ask("a.example.com").answer
    assert (rrset.name.to_text(), rrset.ttl, rrset[0].to_text()) == ("a.example.com.", 30, "192.0.2.1")


def test_an_alias_at_the_apex_is_answered(world: World) -> None:
    world.change(alias("example.com", "alb.us-east-1.amazonaws.com", API_GATEWAY_ZONE))
    world.settle()
    assert world.data("example.com") == ["192.0.2.9"]


def test_an_alias_to_a_service_that_is_not_there_has_no_data(world: World) -> None:
    world.change(alias("a.example.com", "gone.us-east-1.amazonaws.com", API_GATEWAY_ZONE))
    world.settle()
    answer = world.ask("a.example.com")
    assert answer.rcode.name == "NOERROR"
    assert answer.answer == []


def test_a_test_answer_is_what_a_name_server_would_say(paired: World) -> None:
    answer = paired.client.test_dns_answer(
        HostedZoneId=paired.zone_id, RecordName="auth.example.com", RecordType="CNAME"
    )
    assert answer["RecordData"] == ["ap-northeast-1.example.net."]
    assert answer["ResponseCode"] == "NOERROR"
    with paired.refusal("InvalidInput", "does not lie within"):
        paired.client.test_dns_answer(HostedZoneId=paired.zone_id, RecordName="example.org", RecordType="A")


def test_weights_255_and_0_always_give_the_first(paired: World) -> None:
    assert {paired.data("auth.example.com", "CNAME")[0] for _ in range(200)} == {"ap-northeast-1.example.net."}


def test_a_moved_pair_gives_only_the_other(paired: World) -> None:
    paired.change(weighted("UPSERT", "ap-northeast-1", 0), weighted("UPSERT", "us-east-1", 255))
    paired.settle()
    assert {paired.data("auth.example.com", "CNAME")[0] for _ in range(200)} == {"us-east-1.example.net."}


def test_a_question_for_any_type_gives_them_all(world: World) -> None:
    assert {rrset.rdtype.name for rrset in world.ask("example.com", "ANY").answer} == {"NS", "SOA"}


def test_a_name_server_follows_a_weighted_cname_of_the_zone(paired: World) -> None:
    assert paired.data("auth.example.com") == ["ap-northeast-1.example.net."]
