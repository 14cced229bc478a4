"""ListResourceRecordSets: order and pages."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.route53.names import build_sort_key
from tests.unit.sandbox_route53.harness import Route53Harness, build_change, build_weighted_change

labels = st.text("ab-_*1", min_size=1, max_size=3)
names = st.lists(labels, max_size=3).map(lambda parts: ".".join([*parts, "example.com"]))


def list_all_pages(harness: Route53Harness, size: int, **start: str) -> list[dict[str, Any]]:
    """List page by page, following the next-record members."""
    records: list[dict[str, Any]] = []
    parameters: dict[str, Any] = dict(start)
    while True:
        page = harness.client.list_resource_record_sets(HostedZoneId=harness.zone_id, MaxItems=str(size), **parameters)
        assert len(page["ResourceRecordSets"]) <= size
        records += [dict(record) for record in page["ResourceRecordSets"]]
        if not page["IsTruncated"]:
            return records
        parameters = {
            f"StartRecord{member}": page[f"NextRecord{member}"]  # type: ignore[literal-required] # three of them
            for member in ("Name", "Type", "Identifier")
            if f"NextRecord{member}" in page
        }


@settings(max_examples=25)
@given(st.sets(names, min_size=1, max_size=12), st.integers(1, 5))
def test_pages_give_everything_once_in_order_of_reversed_labels(record_names: set[str], size: int) -> None:
    harness = Route53Harness()
    harness.change_records(*(build_change("CREATE", name, "TXT", '"text"') for name in record_names))
    listed = list_all_pages(harness, size)
    keys = [(build_sort_key(record["Name"]), record["Type"]) for record in listed]
    assert keys == sorted(keys)
    assert len(listed) == len(record_names) + 2


def test_names_are_ordered_with_their_labels_reversed(harness: Route53Harness) -> None:
    for name in ("www.example.com", "a.www.example.com", "b.example.com", "www-1.example.com"):
        harness.change_records(build_change("CREATE", name, "A", "192.0.2.1"))
    assert [record["Name"] for record in harness.list_records()] == [
        "b.example.com.",
        "www-1.example.com.",
        "www.example.com.",
        "a.www.example.com.",
    ]


def test_record_sets_of_a_name_are_ordered_by_type_then_identifier(harness: Route53Harness) -> None:
    harness.change_records(build_weighted_change("CREATE", "b", 1), build_weighted_change("CREATE", "a", 1))
    harness.change_records(
        build_change("CREATE", "z.example.com", "TXT", '"text"'),
        build_change("CREATE", "z.example.com", "A", "192.0.2.1"),
    )
    listed = [(record["Type"], record.get("SetIdentifier")) for record in harness.list_records()]
    assert listed == [("CNAME", "a"), ("CNAME", "b"), ("A", None), ("TXT", None)]


def test_listing_starts_at_the_name_or_after_it(harness: Route53Harness) -> None:
    harness.change_records(
        build_change("CREATE", "b.example.com", "A", "192.0.2.1"),
        build_change("CREATE", "d.example.com", "A", "192.0.2.1"),
    )
    listed = harness.client.list_resource_record_sets(HostedZoneId=harness.zone_id, StartRecordName="c.example.com")
    assert [record["Name"] for record in listed["ResourceRecordSets"]] == ["d.example.com."]


def test_listing_starts_at_an_identifier(paired: Route53Harness) -> None:
    listed = paired.client.list_resource_record_sets(
        HostedZoneId=paired.zone_id,
        StartRecordName="auth.example.com",
        StartRecordType="CNAME",
        StartRecordIdentifier="us-east-1",
    )
    assert [record["SetIdentifier"] for record in listed["ResourceRecordSets"]] == ["us-east-1"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"StartRecordType": "A"},
        {"StartRecordName": "a.example.com", "StartRecordIdentifier": "one"},
        {"MaxItems": "0"},
        {"MaxItems": "many"},
        {"StartRecordName": "a..example.com"},
    ],
    ids=str,
)
def test_invalid_listing_request_is_rejected(harness: Route53Harness, parameters: dict[str, str]) -> None:
    with harness.expect_error("InvalidInput"):
        harness.client.list_resource_record_sets(HostedZoneId=harness.zone_id, **parameters)  # type: ignore[arg-type] # on purpose


def test_page_has_at_most_300_record_sets(harness: Route53Harness) -> None:
    harness.change_records(
        *(build_change("CREATE", f"n{number}.example.com", "A", "192.0.2.1") for number in range(301))
    )
    page = harness.client.list_resource_record_sets(HostedZoneId=harness.zone_id, MaxItems="1000")
    assert len(page["ResourceRecordSets"]) == 300
    assert page["IsTruncated"]


def test_wildcard_is_written_as_an_octal_code(harness: Route53Harness) -> None:
    harness.change_records(build_change("CREATE", "*.Example.com", "A", "192.0.2.1"))
    assert harness.list_records()[0]["Name"] == r"\052.example.com."
