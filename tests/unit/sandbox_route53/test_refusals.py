"""What Route 53 refuses, each with the code and the words it uses."""

import pytest

from tests.unit.sandbox_route53.world import World, alias, entry, weighted

API_GATEWAY_ZONE = "Z1UJRXOUMOOFQ8"
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"


@pytest.mark.parametrize(("weight", "limit"), [(256, "less than or equal to 255"), (-1, "greater than or equal to 0")])
def test_a_weight_out_of_range_is_refused(world: World, weight: int, limit: str) -> None:
    with world.refusal("InvalidInput", str(weight), "resourceRecordSet.weight", limit):
        world.change(weighted("CREATE", "one", weight))


@pytest.mark.parametrize("weight", [0, 255])
def test_a_weight_at_either_end_is_accepted(world: World, weight: int) -> None:
    world.change(weighted("CREATE", "one", weight))
    assert [record["Weight"] for record in world.records()] == [weight]


def test_a_weight_without_set_identifier_is_refused(world: World) -> None:
    with world.refusal("InvalidInput", "Missing field 'SetIdentifier'", "Name=a.example.com."):
        world.change(entry("CREATE", "a.example.com", "A", "192.0.2.1", Weight=1))


def test_a_set_identifier_without_routing_policy_is_refused(world: World) -> None:
    with world.refusal("InvalidInput", "Expected exactly one of [Weight, Region", "found none", "SetIdentifier=one"):
        world.change(entry("CREATE", "a.example.com", "A", "192.0.2.1", SetIdentifier="one"))


def test_two_routing_policies_in_one_record_set_are_refused(world: World) -> None:
    with world.refusal("InvalidInput", "found more than one"):
        world.change(weighted("CREATE", "one", 1, Region="us-east-1"))


def test_another_ttl_in_a_weighted_group_is_refused(paired: World) -> None:
    with paired.refusal("InvalidChangeBatch", "weighted sets must contain the same TTL", "SetIdentifier us-east-1"):
        paired.change(weighted("UPSERT", "us-east-1", 0, TTL=30))


def test_the_ttl_of_a_whole_weighted_group_changes_in_one_batch(paired: World) -> None:
    paired.change(weighted("UPSERT", "us-east-1", 0, TTL=30), weighted("UPSERT", "ap-northeast-1", 255, TTL=30))
    assert [record["TTL"] for record in paired.records()] == [30, 30]


def test_a_simple_record_set_beside_weighted_ones_is_refused(paired: World) -> None:
    with paired.refusal("InvalidChangeBatch", "cannot be created as other RRSets exist with the same name and type"):
        paired.change(entry("CREATE", "auth.example.com", "CNAME", "c.example.net"))


def test_a_weighted_record_set_beside_a_simple_one_is_refused(world: World) -> None:
    world.change(entry("CREATE", "auth.example.com", "CNAME", "c.example.net"))
    with world.refusal("InvalidChangeBatch", "non-weighted set exists with the same name and type"):
        world.change(weighted("CREATE", "one", 1))


def test_another_routing_policy_in_a_weighted_group_is_refused(paired: World) -> None:
    latency = entry("CREATE", "auth.example.com", "CNAME", "c.example.net", SetIdentifier="c", Region="us-east-1")
    with paired.refusal("InvalidChangeBatch", "SetIdentifier c cannot be created as a non-latency set exists"):
        paired.change(latency)


def test_a_second_latency_record_set_for_a_region_is_refused(world: World) -> None:
    world.change(entry("CREATE", "a.example.com", "A", "192.0.2.1", SetIdentifier="a", Region="us-east-1"))
    with world.refusal("InvalidChangeBatch", "another latency set exists with the same Region"):
        world.change(entry("CREATE", "a.example.com", "A", "192.0.2.2", SetIdentifier="b", Region="us-east-1"))


def test_more_than_100_weighted_record_sets_of_a_name_and_type_are_refused(world: World) -> None:
    with world.refusal("InvalidChangeBatch", "Exceeded limit on number of weighted RRSets for auth.example.com."):
        world.change(*(weighted("CREATE", f"n{number}", 1) for number in range(101)))


def test_a_cname_beside_another_type_is_refused(world: World) -> None:
    world.change(entry("CREATE", "a.example.com", "TXT", '"text"'))
    with world.refusal("InvalidChangeBatch", "RRSet of type CNAME with DNS name a.example.com.", "it conflicts with"):
        world.change(entry("CREATE", "a.example.com", "CNAME", "b.example.com"))


def test_another_type_beside_a_cname_is_refused(paired: World) -> None:
    with paired.refusal("InvalidChangeBatch", "RRSet of type TXT", "a conflicting RRSet of type CNAME"):
        paired.change(entry("CREATE", "auth.example.com", "TXT", '"text"'))


def test_a_cname_at_the_apex_is_refused(world: World) -> None:
    with world.refusal("InvalidChangeBatch", "is not permitted at apex in zone example.com."):
        world.change(entry("CREATE", "example.com", "CNAME", "b.example.com"))


def test_a_cname_with_two_values_is_refused(world: World) -> None:
    with world.refusal("InvalidChangeBatch", "exactly one value"):
        world.change(entry("CREATE", "a.example.com", "CNAME", "b.example.com", "c.example.com"))


def test_an_alias_with_a_ttl_is_refused(world: World) -> None:
    with world.refusal("InvalidInput", "Expected exactly one of [AliasTarget, all of [TTL", "found more than one"):
        world.change(alias("a.example.com", "alb.us-east-1.amazonaws.com", API_GATEWAY_ZONE, TTL=60))


def test_a_record_set_with_neither_values_nor_alias_is_refused(world: World) -> None:
    with world.refusal("InvalidInput", "found none in Change with [Action=CREATE, Name=a.example.com., Type=A"):
        world.change(entry("CREATE", "a.example.com", "A"))


def test_values_without_a_ttl_are_refused(world: World) -> None:
    with world.refusal("InvalidInput", "found none"):
        world.change(entry("CREATE", "a.example.com", "A", ResourceRecords=[{"Value": "192.0.2.1"}]))


def test_an_alias_to_cloudfront_that_evaluates_health_is_refused(world: World) -> None:
    with world.refusal("InvalidChangeBatch", "EvaluateTargetHealth must be false", "d1.cloudfront.net."):
        world.change(alias("a.example.com", "d1.cloudfront.net", CLOUDFRONT_ZONE, evaluate=True))


def test_an_alias_to_cloudfront_that_leaves_health_alone_is_accepted(world: World) -> None:
    world.change(alias("a.example.com", "d1.cloudfront.net", CLOUDFRONT_ZONE))
    assert world.records()[0]["AliasTarget"]["DNSName"] == "d1.cloudfront.net."


def test_an_alias_to_a_record_set_that_is_not_there_is_refused(world: World) -> None:
    with world.refusal("InvalidChangeBatch", "targets b.example.com., type A", "but that target was not found"):
        world.change(alias("a.example.com", "b.example.com", world.zone_id))


def test_an_alias_out_of_the_zone_it_names_is_refused(world: World) -> None:
    with world.refusal("InvalidChangeBatch", "the alias target name does not lie within the target zone"):
        world.change(alias("a.example.com", "b.example.org", world.zone_id))


def test_an_alias_into_another_hosted_zone_is_refused(world: World) -> None:
    other = world.client.create_hosted_zone(Name="example.org", CallerReference="two")["HostedZone"]["Id"]
    world.change(entry("CREATE", "b.example.org", "A", "192.0.2.1"), zone_id=other)
    with world.refusal("InvalidChangeBatch", "different hosted zone"):
        world.change(alias("a.example.com", "b.example.org", other))


def test_an_alias_to_a_name_that_is_no_aws_service_is_refused(world: World) -> None:
    with world.refusal("InvalidChangeBatch", "does not lie within the target zone"):
        world.change(alias("a.example.com", "b.example.org", API_GATEWAY_ZONE))


def test_creating_what_exists_is_refused(paired: World) -> None:
    with paired.refusal(
        "InvalidChangeBatch",
        "Tried to create resource record set [name='auth.example.com.', type='CNAME', set identifier='us-east-1'] "
        "but it already exists",
    ):
        paired.change(weighted("CREATE", "us-east-1", 0))


def test_deleting_what_is_not_there_is_refused(world: World) -> None:
    with world.refusal("InvalidChangeBatch", "[name='auth.example.com.', type='CNAME'", "but it was not found"):
        world.change(weighted("DELETE", "us-east-1", 0))


@pytest.mark.parametrize(
    "stale",
    [
        {"Weight": 1},
        {"TTL": 61},
        {"ResourceRecords": [{"Value": "other.example.net"}]},
        {"HealthCheckId": "00000000-0000-4000-8000-000000000000"},
    ],
    ids=lambda stale: next(iter(stale)),
)
def test_deleting_with_a_stale_value_is_refused(paired: World, stale: dict[str, object]) -> None:
    change = weighted("DELETE", "us-east-1", 0)
    change["ResourceRecordSet"] |= stale
    with paired.refusal("InvalidChangeBatch", "but the values provided do not match the current values"):
        paired.change(change)


def test_deleting_an_alias_with_another_target_is_refused(world: World) -> None:
    created = alias("a.example.com", "alb.us-east-1.amazonaws.com", API_GATEWAY_ZONE)
    world.change(created)
    created["ResourceRecordSet"]["AliasTarget"]["EvaluateTargetHealth"] = True
    with world.refusal("InvalidChangeBatch", "do not match the current values"):
        world.change(created | {"Action": "DELETE"})


def test_deleting_without_the_attached_health_check_is_refused(world: World) -> None:
    check = world.client.create_health_check(
        CallerReference="one", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}
    )["HealthCheck"]["Id"]
    world.change(weighted("CREATE", "one", 1, HealthCheckId=check))
    with world.refusal("InvalidChangeBatch", "do not match the current values"):
        world.change(weighted("DELETE", "one", 1))


def test_changing_a_record_set_twice_in_a_batch_is_refused(paired: World) -> None:
    with paired.refusal("InvalidChangeBatch", "invalid set of changes", "'CNAME auth.example.com.'"):
        paired.change(weighted("UPSERT", "us-east-1", 1), weighted("UPSERT", "us-east-1", 2))


def test_deleting_a_record_set_twice_in_a_batch_is_refused(paired: World) -> None:
    with paired.refusal("InvalidChangeBatch", "invalid set of changes"):
        paired.change(weighted("DELETE", "us-east-1", 0), weighted("DELETE", "us-east-1", 0))


def test_an_empty_batch_is_refused(world: World) -> None:
    with world.refusal("InvalidInput", "changeBatch.changes", "length greater than or equal to 1"):
        world.change()


def test_a_batch_of_more_than_1000_records_is_refused(world: World) -> None:
    with world.refusal("InvalidChangeBatch", "Number of records limit of 1000 exceeded"):
        world.change(*(entry("UPSERT", f"n{number}.example.com", "A", "192.0.2.1") for number in range(501)))


def test_an_unknown_action_is_refused(world: World) -> None:
    with world.refusal("InvalidInput", "changes.1.member.action", "[CREATE, DELETE, UPSERT]"):
        world.change(entry("REPLACE", "a.example.com", "A", "192.0.2.1"))


@pytest.mark.parametrize("name", ["example.org", "a.example.org", "badexample.com"])
def test_a_name_outside_the_zone_is_refused(world: World, name: str) -> None:
    with world.refusal("InvalidChangeBatch", f"RRSet with DNS name {name}. is not permitted in zone example.com."):
        world.change(entry("CREATE", name, "A", "192.0.2.1"))


def test_a_name_with_an_empty_label_is_refused(world: World) -> None:
    with world.refusal("InvalidChangeBatch", "DomainLabelEmpty"):
        world.change(entry("CREATE", "a..example.com", "A", "192.0.2.1"))


@pytest.mark.parametrize(
    ("record_type", "value", "problem"),
    [
        ("A", "192.0.2.256", "not a valid IPv4 address"),
        ("AAAA", "192.0.2.1", "not a valid IPv6 address"),
        ("TXT", "bare", "enclosed in quotation marks"),
        ("MX", "mail.example.com", "not a valid MX record"),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_refused(
    world: World, record_type: str, value: str, problem: str
) -> None:
    with world.refusal("InvalidChangeBatch", problem, value):
        world.change(entry("CREATE", "a.example.com", record_type, value))


def test_an_unknown_health_check_is_refused(world: World) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    with world.refusal("NoSuchHealthCheck", unknown):
        world.change(weighted("CREATE", "one", 1, HealthCheckId=unknown))


@pytest.mark.parametrize("record_type", ["NS", "SOA"])
def test_deleting_what_makes_the_zone_a_zone_is_refused(world: World, record_type: str) -> None:
    listed = world.client.list_resource_record_sets(HostedZoneId=world.zone_id)["ResourceRecordSets"]
    born = next(dict(one) for one in listed if one["Type"] == record_type)
    with world.refusal("InvalidChangeBatch", f"{record_type} record"):
        world.change({"Action": "DELETE", "ResourceRecordSet": born})


def test_everything_wrong_with_a_batch_is_named_at_once(paired: World) -> None:
    with paired.refusal("InvalidChangeBatch", "'gone.example.com.'", "it was not found, Tried to create"):
        paired.change(entry("DELETE", "gone.example.com", "A", "192.0.2.1"), weighted("CREATE", "us-east-1", 0))


def test_an_unknown_zone_is_refused(world: World) -> None:
    with world.refusal("NoSuchHostedZone", "No hosted zone found with ID: ZUNKNOWN"):
        world.change(entry("CREATE", "a.example.com", "A", "192.0.2.1"), zone_id="ZUNKNOWN")


def test_an_unknown_change_is_refused(world: World) -> None:
    with world.refusal("NoSuchChange", "CUNKNOWN"):
        world.client.get_change(Id="CUNKNOWN")


def test_a_change_while_an_earlier_one_is_processed_is_refused(world: World) -> None:
    world.route53.processing_seconds = 2.0
    world.change(entry("CREATE", "a.example.com", "A", "192.0.2.1"))
    world.clock.now += 1.9
    with world.refusal("PriorRequestNotComplete", "still processing a prior request"):
        world.change(entry("CREATE", "b.example.com", "A", "192.0.2.1"))
    world.clock.now += 0.1
    world.change(entry("CREATE", "b.example.com", "A", "192.0.2.1"))


def test_an_earlier_change_of_another_zone_does_not_matter(world: World) -> None:
    world.route53.processing_seconds = 2.0
    world.change(entry("CREATE", "a.example.com", "A", "192.0.2.1"))
    other = world.client.create_hosted_zone(Name="example.org", CallerReference="two")["HostedZone"]["Id"]
    world.change(entry("CREATE", "a.example.org", "A", "192.0.2.1"), zone_id=other)


def test_a_refused_change_keeps_nobody_out(world: World) -> None:
    world.route53.processing_seconds = 2.0
    with world.refusal("InvalidChangeBatch"):
        world.change(entry("DELETE", "a.example.com", "A", "192.0.2.1"))
    world.change(entry("CREATE", "a.example.com", "A", "192.0.2.1"))
