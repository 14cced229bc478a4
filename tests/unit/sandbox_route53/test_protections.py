"""Resource record set protections."""

from typing import Any

import pytest

from tests.unit.sandbox_route53.harness import Route53Harness, build_change, build_weighted_change

AUTH = {"RecordName": "auth.example.com", "RecordType": "CNAME"}


def protect(world: Route53Harness, *protections: dict[str, str]) -> None:
    # The stubs are older than the operation.
    client: Any = world.client
    client.create_resource_record_set_protections(HostedZoneId=world.zone_id, Protections=list(protections))


def unprotect(world: Route53Harness, *protections: dict[str, str]) -> None:
    client: Any = world.client
    client.delete_resource_record_set_protections(HostedZoneId=world.zone_id, Protections=list(protections))


def list_protections(world: Route53Harness, **parameters: str) -> dict[str, Any]:
    client: Any = world.client
    answer: dict[str, Any] = client.list_resource_record_set_protections(HostedZoneId=world.zone_id, **parameters)
    return answer


@pytest.mark.parametrize("action", ["UPSERT", "DELETE"])
def test_a_protected_record_set_makes_the_whole_batch_fail(paired: Route53Harness, action: str) -> None:
    protect(paired, AUTH | {"Comment": "ask identity first"})
    with paired.expect_error("InvalidChangeBatch", "auth.example.com., type CNAME", "protection (ask identity first)"):
        paired.change_records(
            build_change("CREATE", "a.example.com", "A", "192.0.2.1"), build_weighted_change(action, "us-east-1", 0)
        )


def test_a_protected_name_and_type_can_not_be_created(world: Route53Harness) -> None:
    protect(world, AUTH)
    with world.expect_error("InvalidChangeBatch", "protection"):
        world.change_records(build_weighted_change("CREATE", "one", 1))


def test_other_names_and_types_stay_free(paired: Route53Harness) -> None:
    protect(paired, AUTH)
    paired.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1"))


def test_a_change_goes_through_once_the_protection_is_deleted(paired: Route53Harness) -> None:
    protect(paired, AUTH)
    unprotect(paired, AUTH)
    paired.change_records(build_weighted_change("UPSERT", "us-east-1", 255))


def test_protections_are_listed_in_pages(world: Route53Harness) -> None:
    protect(world, AUTH | {"Comment": "why"}, {"RecordName": "a.example.com", "RecordType": "A"})
    first = list_protections(world, MaxResults="1")
    assert first["ResourceRecordSetProtections"] == [{"RecordName": "a.example.com.", "RecordType": "A"}]
    second = list_protections(world, NextToken=first["NextToken"])
    assert second["ResourceRecordSetProtections"] == [
        {"RecordName": "auth.example.com.", "RecordType": "CNAME", "Comment": "why"}
    ]
    assert "NextToken" not in second


def test_protecting_everything_again_is_refused(world: Route53Harness) -> None:
    protect(world, AUTH)
    with world.expect_error("ProtectionAlreadyExists", "auth.example.com."):
        protect(world, AUTH)


def test_protecting_some_again_is_refused_as_a_batch(world: Route53Harness) -> None:
    other = {"RecordName": "a.example.com", "RecordType": "A"}
    protect(world, AUTH)
    with world.expect_error("InvalidResourceRecordSetProtectionBatch"):
        protect(world, AUTH, other)
    assert len(list_protections(world)["ResourceRecordSetProtections"]) == 1


@pytest.mark.parametrize(
    "entries",
    [[{"RecordName": "auth.example.org", "RecordType": "CNAME"}], [AUTH, AUTH], [{**AUTH, "RecordName": "a..b"}]],
    ids=["outside the zone", "twice", "no name"],
)
def test_an_invalid_protection_is_refused(world: Route53Harness, entries: list[dict[str, str]]) -> None:
    with world.expect_error("InvalidResourceRecordSetProtectionBatch"):
        protect(world, *entries)


def test_deleting_a_protection_that_is_not_there_is_refused(world: Route53Harness) -> None:
    with world.expect_error("InvalidResourceRecordSetProtectionBatch", "no protection exists"):
        unprotect(world, AUTH)


def test_a_zone_with_protections_can_not_be_deleted(world: Route53Harness) -> None:
    protect(world, AUTH)
    with world.expect_error("HostedZoneNotEmpty"):
        world.client.delete_hosted_zone(Id=world.zone_id)


def test_an_unknown_page_is_refused(world: Route53Harness) -> None:
    with world.expect_error("InvalidPaginationToken"):
        list_protections(world, NextToken="bm90aGluZw==")
