"""Changes that Route 53 rejects, with its codes and messages."""

import pytest

from tests.unit.sandbox_route53.harness import Route53Harness, build_alias_change, build_change, build_weighted_change

API_GATEWAY_ZONE = "Z1UJRXOUMOOFQ8"
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"


@pytest.mark.parametrize(("weight", "limit"), [(256, "less than or equal to 255"), (-1, "greater than or equal to 0")])
def test_weight_out_of_range_is_rejected(harness: Route53Harness, weight: int, limit: str) -> None:
    with harness.expect_error("InvalidInput", str(weight), "resourceRecordSet.weight", limit):
        harness.change_records(build_weighted_change("CREATE", "one", weight))


@pytest.mark.parametrize("weight", [0, 255])
def test_minimum_and_maximum_weight_are_accepted(harness: Route53Harness, weight: int) -> None:
    harness.change_records(build_weighted_change("CREATE", "one", weight))
    assert [record["Weight"] for record in harness.list_records()] == [weight]


def test_weight_without_set_identifier_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidInput", "Missing field 'SetIdentifier'", "Name=a.example.com."):
        harness.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1", Weight=1))


def test_set_identifier_without_routing_policy_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error(
        "InvalidInput", "Expected exactly one of [Weight, Region", "found none", "SetIdentifier=one"
    ):
        harness.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1", SetIdentifier="one"))


def test_two_routing_policies_in_one_record_set_are_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidInput", "found more than one"):
        harness.change_records(build_weighted_change("CREATE", "one", 1, Region="us-east-1"))


def test_another_ttl_in_a_weighted_group_is_rejected(paired: Route53Harness) -> None:
    with paired.expect_error(
        "InvalidChangeBatch", "weighted sets must contain the same TTL", "SetIdentifier us-east-1"
    ):
        paired.change_records(build_weighted_change("UPSERT", "us-east-1", 0, TTL=30))


def test_ttl_of_a_whole_weighted_group_changes_in_one_batch(paired: Route53Harness) -> None:
    paired.change_records(
        build_weighted_change("UPSERT", "us-east-1", 0, TTL=30),
        build_weighted_change("UPSERT", "ap-northeast-1", 255, TTL=30),
    )
    assert [record["TTL"] for record in paired.list_records()] == [30, 30]


def test_simple_record_set_with_weighted_siblings_is_rejected(paired: Route53Harness) -> None:
    with paired.expect_error(
        "InvalidChangeBatch", "cannot be created as other RRSets exist with the same name and type"
    ):
        paired.change_records(build_change("CREATE", "auth.example.com", "CNAME", "c.example.net"))


def test_weighted_record_set_with_simple_sibling_is_rejected(harness: Route53Harness) -> None:
    harness.change_records(build_change("CREATE", "auth.example.com", "CNAME", "c.example.net"))
    with harness.expect_error("InvalidChangeBatch", "non-weighted set exists with the same name and type"):
        harness.change_records(build_weighted_change("CREATE", "one", 1))


def test_another_routing_policy_in_a_weighted_group_is_rejected(paired: Route53Harness) -> None:
    latency = build_change(
        "CREATE", "auth.example.com", "CNAME", "c.example.net", SetIdentifier="c", Region="us-east-1"
    )
    with paired.expect_error("InvalidChangeBatch", "SetIdentifier c cannot be created as a non-latency set exists"):
        paired.change_records(latency)


def test_second_latency_record_set_for_a_region_is_rejected(harness: Route53Harness) -> None:
    harness.change_records(
        build_change("CREATE", "a.example.com", "A", "192.0.2.1", SetIdentifier="a", Region="us-east-1")
    )
    with harness.expect_error("InvalidChangeBatch", "another latency set exists with the same Region"):
        harness.change_records(
            build_change("CREATE", "a.example.com", "A", "192.0.2.2", SetIdentifier="b", Region="us-east-1")
        )


def test_more_than_100_weighted_record_sets_of_a_name_and_type_are_rejected(harness: Route53Harness) -> None:
    with harness.expect_error(
        "InvalidChangeBatch", "Exceeded limit on number of weighted RRSets for auth.example.com."
    ):
        harness.change_records(*(build_weighted_change("CREATE", f"n{number}", 1) for number in range(101)))


def test_cname_with_other_type_at_same_name_is_rejected(harness: Route53Harness) -> None:
    harness.change_records(build_change("CREATE", "a.example.com", "TXT", '"text"'))
    with harness.expect_error(
        "InvalidChangeBatch", "RRSet of type CNAME with DNS name a.example.com.", "it conflicts with"
    ):
        harness.change_records(build_change("CREATE", "a.example.com", "CNAME", "b.example.com"))


def test_other_type_with_cname_at_same_name_is_rejected(paired: Route53Harness) -> None:
    with paired.expect_error("InvalidChangeBatch", "RRSet of type TXT", "a conflicting RRSet of type CNAME"):
        paired.change_records(build_change("CREATE", "auth.example.com", "TXT", '"text"'))


def test_cname_at_the_apex_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidChangeBatch", "is not permitted at apex in zone example.com."):
        harness.change_records(build_change("CREATE", "example.com", "CNAME", "b.example.com"))


def test_cname_with_two_values_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidChangeBatch", "exactly one value"):
        harness.change_records(build_change("CREATE", "a.example.com", "CNAME", "b.example.com", "c.example.com"))


def test_alias_with_a_ttl_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error(
        "InvalidInput", "Expected exactly one of [AliasTarget, all of [TTL", "found more than one"
    ):
        harness.change_records(
            build_alias_change("a.example.com", "alb.us-east-1.amazonaws.com", API_GATEWAY_ZONE, TTL=60)
        )


def test_record_set_with_neither_values_nor_alias_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidInput", "found none in Change with [Action=CREATE, Name=a.example.com., Type=A"):
        harness.change_records(build_change("CREATE", "a.example.com", "A"))


def test_values_without_a_ttl_are_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidInput", "found none"):
        harness.change_records(build_change("CREATE", "a.example.com", "A", ResourceRecords=[{"Value": "192.0.2.1"}]))


def test_alias_to_cloudfront_with_health_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidChangeBatch", "EvaluateTargetHealth must be false", "d1.cloudfront.net."):
        harness.change_records(build_alias_change("a.example.com", "d1.cloudfront.net", CLOUDFRONT_ZONE, evaluate=True))


def test_alias_to_cloudfront_without_health_is_accepted(harness: Route53Harness) -> None:
    harness.change_records(build_alias_change("a.example.com", "d1.cloudfront.net", CLOUDFRONT_ZONE))
    assert harness.list_records()[0]["AliasTarget"]["DNSName"] == "d1.cloudfront.net."


def test_alias_to_missing_record_set_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidChangeBatch", "targets b.example.com., type A", "but that target was not found"):
        harness.change_records(build_alias_change("a.example.com", "b.example.com", harness.zone_id))


def test_alias_outside_its_named_zone_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidChangeBatch", "the alias target name does not lie within the target zone"):
        harness.change_records(build_alias_change("a.example.com", "b.example.org", harness.zone_id))


def test_alias_into_another_hosted_zone_is_rejected(harness: Route53Harness) -> None:
    other = harness.client.create_hosted_zone(Name="example.org", CallerReference="two")["HostedZone"]["Id"]
    harness.change_records(build_change("CREATE", "b.example.org", "A", "192.0.2.1"), zone_id=other)
    with harness.expect_error("InvalidChangeBatch", "different hosted zone"):
        harness.change_records(build_alias_change("a.example.com", "b.example.org", other))


def test_alias_to_unknown_aws_service_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidChangeBatch", "does not lie within the target zone"):
        harness.change_records(build_alias_change("a.example.com", "b.example.org", API_GATEWAY_ZONE))


def test_creating_existing_record_set_is_rejected(paired: Route53Harness) -> None:
    with paired.expect_error(
        "InvalidChangeBatch",
        "Tried to create resource record set [name='auth.example.com.', type='CNAME', set identifier='us-east-1'] "
        "but it already exists",
    ):
        paired.change_records(build_weighted_change("CREATE", "us-east-1", 0))


def test_deleting_missing_record_set_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidChangeBatch", "[name='auth.example.com.', type='CNAME'", "but it was not found"):
        harness.change_records(build_weighted_change("DELETE", "us-east-1", 0))


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
def test_deleting_with_a_stale_value_is_rejected(paired: Route53Harness, stale: dict[str, object]) -> None:
    change = build_weighted_change("DELETE", "us-east-1", 0)
    change["ResourceRecordSet"] |= stale
    with paired.expect_error("InvalidChangeBatch", "but the values provided do not match the current values"):
        paired.change_records(change)


def test_deleting_an_alias_with_another_target_is_rejected(harness: Route53Harness) -> None:
    created = build_alias_change("a.example.com", "alb.us-east-1.amazonaws.com", API_GATEWAY_ZONE)
    harness.change_records(created)
    created["ResourceRecordSet"]["AliasTarget"]["EvaluateTargetHealth"] = True
    with harness.expect_error("InvalidChangeBatch", "do not match the current values"):
        harness.change_records(created | {"Action": "DELETE"})


def test_deleting_without_the_attached_health_check_is_rejected(harness: Route53Harness) -> None:
    check = harness.client.create_health_check(
        CallerReference="one", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}
    )["HealthCheck"]["Id"]
    harness.change_records(build_weighted_change("CREATE", "one", 1, HealthCheckId=check))
    with harness.expect_error("InvalidChangeBatch", "do not match the current values"):
        harness.change_records(build_weighted_change("DELETE", "one", 1))


def test_changing_a_record_set_twice_in_a_batch_is_rejected(paired: Route53Harness) -> None:
    with paired.expect_error("InvalidChangeBatch", "invalid set of changes", "'CNAME auth.example.com.'"):
        paired.change_records(
            build_weighted_change("UPSERT", "us-east-1", 1), build_weighted_change("UPSERT", "us-east-1", 2)
        )


def test_deleting_a_record_set_twice_in_a_batch_is_rejected(paired: Route53Harness) -> None:
    with paired.expect_error("InvalidChangeBatch", "invalid set of changes"):
        paired.change_records(
            build_weighted_change("DELETE", "us-east-1", 0), build_weighted_change("DELETE", "us-east-1", 0)
        )


def test_empty_batch_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidInput", "changeBatch.changes", "length greater than or equal to 1"):
        harness.change_records()


def test_batch_of_more_than_1000_records_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidChangeBatch", "Number of records limit of 1000 exceeded"):
        harness.change_records(
            *(build_change("UPSERT", f"n{number}.example.com", "A", "192.0.2.1") for number in range(501))
        )


def test_unknown_action_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidInput", "changes.1.member.action", "[CREATE, DELETE, UPSERT]"):
        harness.change_records(build_change("REPLACE", "a.example.com", "A", "192.0.2.1"))


@pytest.mark.parametrize("name", ["example.org", "a.example.org", "badexample.com"])
def test_name_outside_the_zone_is_rejected(harness: Route53Harness, name: str) -> None:
    with harness.expect_error(
        "InvalidChangeBatch", f"RRSet with DNS name {name}. is not permitted in zone example.com."
    ):
        harness.change_records(build_change("CREATE", name, "A", "192.0.2.1"))


def test_name_with_an_empty_label_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidChangeBatch", "DomainLabelEmpty"):
        harness.change_records(build_change("CREATE", "a..example.com", "A", "192.0.2.1"))


@pytest.mark.parametrize(
    ("record_type", "value", "problem"),
    [
        ("A", "192.0.2.256", "not a valid IPv4 address"),
        ("AAAA", "192.0.2.1", "not a valid IPv6 address"),
        ("TXT", "bare", "enclosed in quotation marks"),
        ("MX", "mail.example.com", "not a valid MX record"),
    ],
)
def test_value_invalid_for_its_type_is_rejected(
    harness: Route53Harness, record_type: str, value: str, problem: str
) -> None:
    with harness.expect_error("InvalidChangeBatch", problem, value):
        harness.change_records(build_change("CREATE", "a.example.com", record_type, value))


def test_unknown_health_check_is_rejected(harness: Route53Harness) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    with harness.expect_error("NoSuchHealthCheck", unknown):
        harness.change_records(build_weighted_change("CREATE", "one", 1, HealthCheckId=unknown))


@pytest.mark.parametrize("record_type", ["NS", "SOA"])
def test_deleting_soa_or_apex_ns_is_rejected(harness: Route53Harness, record_type: str) -> None:
    listed = harness.client.list_resource_record_sets(HostedZoneId=harness.zone_id)["ResourceRecordSets"]
    initial = next(dict(record_set) for record_set in listed if record_set["Type"] == record_type)
    with harness.expect_error("InvalidChangeBatch", f"{record_type} record"):
        harness.change_records({"Action": "DELETE", "ResourceRecordSet": initial})


def test_batch_error_lists_every_problem(paired: Route53Harness) -> None:
    with paired.expect_error("InvalidChangeBatch", "'gone.example.com.'", "it was not found, Tried to create"):
        paired.change_records(
            build_change("DELETE", "gone.example.com", "A", "192.0.2.1"),
            build_weighted_change("CREATE", "us-east-1", 0),
        )


def test_unknown_zone_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("NoSuchHostedZone", "No hosted zone found with ID: ZUNKNOWN"):
        harness.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1"), zone_id="ZUNKNOWN")


def test_unknown_change_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("NoSuchChange", "CUNKNOWN"):
        harness.client.get_change(Id="CUNKNOWN")


def test_change_during_earlier_change_is_rejected(harness: Route53Harness) -> None:
    harness.route53.processing_seconds = 2.0
    harness.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1"))
    harness.clock.now += 1.9
    with harness.expect_error("PriorRequestNotComplete", "still processing a prior request"):
        harness.change_records(build_change("CREATE", "b.example.com", "A", "192.0.2.1"))
    harness.clock.now += 0.1
    harness.change_records(build_change("CREATE", "b.example.com", "A", "192.0.2.1"))


def test_change_of_another_zone_does_not_block(harness: Route53Harness) -> None:
    harness.route53.processing_seconds = 2.0
    harness.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1"))
    other = harness.client.create_hosted_zone(Name="example.org", CallerReference="two")["HostedZone"]["Id"]
    harness.change_records(build_change("CREATE", "a.example.org", "A", "192.0.2.1"), zone_id=other)


def test_rejected_change_does_not_block_next_change(harness: Route53Harness) -> None:
    harness.route53.processing_seconds = 2.0
    with harness.expect_error("InvalidChangeBatch"):
        harness.change_records(build_change("DELETE", "a.example.com", "A", "192.0.2.1"))
    harness.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1"))
