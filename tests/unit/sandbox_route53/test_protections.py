"""Resource record set protections."""

from typing import Any

import pytest

from tests.unit.sandbox_route53.harness import Route53Harness, build_change, build_weighted_change

AUTH = {"RecordName": "auth.example.com", "RecordType": "CNAME"}


def protect(harness: Route53Harness, *protections: dict[str, str]) -> None:
    # The stubs are older than the operation.
    client: Any = harness.client
    client.create_resource_record_set_protections(HostedZoneId=harness.zone_id, Protections=list(protections))


def unprotect(harness: Route53Harness, *protections: dict[str, str]) -> None:
    client: Any = harness.client
    client.delete_resource_record_set_protections(HostedZoneId=harness.zone_id, Protections=list(protections))


def list_protections(harness: Route53Harness, **parameters: str) -> dict[str, Any]:
    client: Any = harness.client
    answer: dict[str, Any] = client.list_resource_record_set_protections(HostedZoneId=harness.zone_id, **parameters)
    return answer


@pytest.mark.parametrize("action", ["UPSERT", "DELETE"])
def test_protected_record_set_makes_the_whole_batch_fail(paired: Route53Harness, action: str) -> None:
    protect(paired, AUTH | {"Comment": "ask identity first"})
    with paired.expect_error("InvalidChangeBatch", "auth.example.com., type CNAME", "protection (ask identity first)"):
        paired.change_records(
            build_change("CREATE", "a.example.com", "A", "192.0.2.1"), build_weighted_change(action, "us-east-1", 0)
        )


def test_protected_name_and_type_cannot_be_created(harness: Route53Harness) -> None:
    protect(harness, AUTH)
    with harness.expect_error("InvalidChangeBatch", "protection"):
        harness.change_records(build_weighted_change("CREATE", "one", 1))


def test_other_names_and_types_are_not_protected(paired: Route53Harness) -> None:
    protect(paired, AUTH)
    paired.change_records(build_change("CREATE", "a.example.com", "A", "192.0.2.1"))


def test_change_succeeds_after_protection_is_deleted(paired: Route53Harness) -> None:
    protect(paired, AUTH)
    unprotect(paired, AUTH)
    paired.change_records(build_weighted_change("UPSERT", "us-east-1", 255))


def test_protections_are_listed_in_pages(harness: Route53Harness) -> None:
    protect(harness, AUTH | {"Comment": "why"}, {"RecordName": "a.example.com", "RecordType": "A"})
    first = list_protections(harness, MaxResults="1")
    assert first["ResourceRecordSetProtections"] == [{"RecordName": "a.example.com.", "RecordType": "A"}]
    second = list_protections(harness, NextToken=first["NextToken"])
    assert second["ResourceRecordSetProtections"] == [
        {"RecordName": "auth.example.com.", "RecordType": "CNAME", "Comment": "why"}
    ]
    assert "NextToken" not in second


def test_protecting_all_again_is_rejected(harness: Route53Harness) -> None:
    protect(harness, AUTH)
    with harness.expect_error("ProtectionAlreadyExists", "auth.example.com."):
        protect(harness, AUTH)


def test_protecting_some_again_is_rejected_as_a_batch(harness: Route53Harness) -> None:
    other = {"RecordName": "a.example.com", "RecordType": "A"}
    protect(harness, AUTH)
    with harness.expect_error("InvalidResourceRecordSetProtectionBatch"):
        protect(harness, AUTH, other)
    assert len(list_protections(harness)["ResourceRecordSetProtections"]) == 1


@pytest.mark.parametrize(
    "entries",
    [[{"RecordName": "auth.example.org", "RecordType": "CNAME"}], [AUTH, AUTH], [{**AUTH, "RecordName": "a..b"}]],
    ids=["outside the zone", "twice", "no name"],
)
def test_invalid_protection_is_rejected(harness: Route53Harness, entries: list[dict[str, str]]) -> None:
    with harness.expect_error("InvalidResourceRecordSetProtectionBatch"):
        protect(harness, *entries)


def test_deleting_missing_protection_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidResourceRecordSetProtectionBatch", "no protection exists"):
        unprotect(harness, AUTH)


def test_zone_with_protections_cannot_be_deleted(harness: Route53Harness) -> None:
    protect(harness, AUTH)
    with harness.expect_error("HostedZoneNotEmpty"):
        harness.client.delete_hosted_zone(Id=harness.zone_id)


def test_unknown_page_token_is_rejected(harness: Route53Harness) -> None:
    with harness.expect_error("InvalidPaginationToken"):
        list_protections(harness, NextToken="bm90aGluZw==")
