#!/usr/bin/env python3
"""Move a domain to one Region with Route 53 and your own credentials, without the controller.

It needs Python 3.9 and boto3, and no other file. Example:

    python break_glass.py --zone Z0123456789 --domain auth.example.com --to us-east-1

It shows the records and the planned changes, and asks. Then it changes the weights of the domain's records and of its
region TXT records in one batch, and waits until every name server has the change. The batch fails if the records have
changed since. Without boto3, give a listing made elsewhere, and it prints the command to run:

    aws route53 list-resource-record-sets --hosted-zone-id Z0123456789 > records.json
    python break_glass.py --zone Z0123456789 --domain auth.example.com --to us-east-1 --listing records.json

Route 53 refuses to change a record whose health check was deleted. --without-check ID removes it from the records.

The caller needs route53:ListResourceRecordSets, route53:ChangeResourceRecordSets and route53:GetHostedZone on the zone,
and route53:GetChange. With route53:GetHealthCheck it finds deleted health checks before it asks.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from pathlib import Path
from typing import Any, Callable, Sequence  # noqa: UP035 - Python 3.9 tools need typing's names

SERVICE_RECORD_TYPES = ("HTTPS", "SVCB")
TRAFFIC_RECORD_TYPES = ("A", "AAAA", "CNAME", *SERVICE_RECORD_TYPES)
REGION_RECORD_LABEL = "_region"
FULL_WEIGHT = 255
POLL_INTERVAL_SECONDS = 5
WAIT_TIMEOUT_SECONDS = 300

Record = dict[str, Any]
NO_CHECK_CODE = "NoSuchHealthCheck"
REPEATABLE_CODES = {
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestTimeout",
    "Throttling",
    "ThrottlingException",
}
"""Codes of failures that pass, besides those with a status of 500 or more."""

PlannedChange = tuple[Record, Record]
"""A record before and after the change."""


class BreakGlassRecordsError(Exception):
    """Nothing was changed. The message says why, and what to do."""


def to_absolute_name(name: str) -> str:
    """Return a name in lower case, with a final dot."""
    return name.strip().rstrip(".").lower() + "."


def build_region_record_name(domain: str) -> str:
    """Return the name of the region TXT records, which name the domain's active Region."""
    return to_absolute_name(f"{REGION_RECORD_LABEL}.{domain}")


def format_target(record: Record) -> str:
    """Return a record's target: the alias's name, or the values."""
    if "AliasTarget" in record:
        return str(record["AliasTarget"]["DNSName"])
    return ", ".join(value["Value"] for value in record.get("ResourceRecords", ()))


def matches_target(record: Record, destination: str) -> bool:
    """Return whether a record matches `--to`: by identifier, by target, or by the Region in the target's name."""
    target = format_target(record).strip('"').lower()
    if record["Type"] in SERVICE_RECORD_TYPES and "AliasTarget" not in record:
        target = target.split()[1]
    destination = destination.lower()
    names = {record["SetIdentifier"].lower(), target, target.rstrip(".")}
    return destination in names or destination in target.split(".")


def group_weighted_records(records: Sequence[Record], domain: str) -> dict[str, list[Record]]:
    """Return the domain's weighted records by type.

    Raises
    ------
    BreakGlassRecordsError
        If there are none, or a type has fewer than two records or a record without weight.

    """
    domain_records = [record for record in records if to_absolute_name(record["Name"]) == to_absolute_name(domain)]
    groups_by_type: dict[str, list[Record]] = {}
    for record in domain_records:
        if record["Type"] in TRAFFIC_RECORD_TYPES and can_send_elsewhere(record):
            groups_by_type.setdefault(record["Type"], []).append(record)
    if not groups_by_type:
        raise BreakGlassRecordsError(f"The zone has no A, AAAA or CNAME record of {domain}. Check --zone and --domain.")
    for record_type, group in groups_by_type.items():
        if len(group) < 2 or any("Weight" not in record for record in group):  # noqa: PLR2004 - a pair
            raise BreakGlassRecordsError(
                f"{domain} has no weighted pair of type {record_type}, so weights can't move it. Change the record's "
                f"target to the other Region's in the console. Found: {'; '.join(map(describe_record, group))}"
            )
    return groups_by_type


def can_send_elsewhere(record: Record) -> bool:
    """Return whether a record has a target. An HTTPS or SVCB record may have none: "." is its own name.

    CloudFront answers an alias so.
    """
    if record["Type"] not in SERVICE_RECORD_TYPES:
        return True
    if "AliasTarget" in record:
        return not to_absolute_name(record["AliasTarget"]["DNSName"]).endswith(".cloudfront.net.")
    values = [each["Value"].lower() for each in record["ResourceRecords"]]
    return any(value.split()[1] != "." or "hint=" in value for value in values)


def select_record(group: Sequence[Record], destination: str) -> Record:
    """Return the record of a group that matches `--to`.

    Raises
    ------
    BreakGlassRecordsError
        If no record matches, or more than one.

    """
    matches = [record for record in group if matches_target(record, destination)]
    if len(matches) != 1:
        raise BreakGlassRecordsError(
            f"--to {destination} matches {len(matches)} of {len(group)} {group[0]['Type']} records. Give one of these: "
            f"{', '.join(record['SetIdentifier'] for record in group)}. Found: {'; '.join(map(describe_record, group))}"
        )
    return matches[0]


def move_all_weight(selected: Record, group: Sequence[Record]) -> list[PlannedChange]:
    """Return changes that give one record all the weight, and change no other field."""
    return [(record, {**record, "Weight": FULL_WEIGHT if record is selected else 0}) for record in group]


def find_region_record(region_records: Sequence[Record], selected: Record, destination: str) -> Record | None:
    """Return the region TXT record of a Region: the one that matches `--to`, or the only one of the same weight."""
    matches = [record for record in region_records if matches_target(record, destination)]
    matches = matches or [record for record in region_records if record.get("Weight") == selected["Weight"]]
    return matches[0] if len(matches) == 1 else None


def remove_checks(changes: Sequence[PlannedChange], check_ids: Sequence[str]) -> list[PlannedChange]:
    """Return the changes with records that lose these health checks.

    Raises
    ------
    BreakGlassRecordsError
        If no record has one of them.

    """
    if unused := set(check_ids) - {old.get("HealthCheckId") for old, _ in changes}:
        raise BreakGlassRecordsError(f"No record of the plan has the health check {', '.join(sorted(unused))}.")
    return [
        (old, {key: value for key, value in new.items() if key != "HealthCheckId" or value not in check_ids})
        for old, new in changes
    ]


def group_by_check(changes: Sequence[PlannedChange]) -> dict[str, list[str]]:
    """Return the records that a change would leave with a health check, by the check's id."""
    records_by_check: dict[str, list[str]] = {}
    for _, new in changes:
        if "HealthCheckId" in new:
            records_by_check.setdefault(new["HealthCheckId"], []).append(f"{new['SetIdentifier']} ({new['Type']})")
    return records_by_check


def does_check_exist(client: Any, check_id: str) -> bool | None:
    """Return whether a health check exists in the account of the credentials; None if it can't be read."""
    try:
        client.get_health_check(HealthCheckId=check_id)
    except Exception as error:  # noqa: BLE001 - boto3's error types are unknown here; this is only a hint
        return False if get_error_code(error) == NO_CHECK_CODE else None
    return True


def plan_changes(records: Sequence[Record], domain: str, destination: str) -> tuple[list[PlannedChange], bool]:
    """Return the changes of the domain's records, and whether they include the region TXT records."""
    changes: list[PlannedChange] = []
    selected: Record = {}
    for group in group_weighted_records(records, domain).values():
        selected = select_record(group, destination)
        changes += move_all_weight(selected, group)
    region_records = [
        record
        for record in records
        if to_absolute_name(record["Name"]) == build_region_record_name(domain)
        and record["Type"] == "TXT"
        and "Weight" in record
    ]
    region_record = find_region_record(region_records, selected, destination)
    if region_record is not None:
        changes += move_all_weight(region_record, region_records)
    return changes, region_record is not None


def build_change_batch(changes: Sequence[PlannedChange]) -> dict[str, Any]:
    """Return a change batch. Route 53 refuses it as a whole if a record has changed since it was read."""
    return {
        "Comment": "moved by hand with break_glass.py",
        "Changes": [
            *({"Action": "DELETE", "ResourceRecordSet": old} for old, _ in changes),
            *({"Action": "CREATE", "ResourceRecordSet": new} for _, new in changes),
        ],
    }


def describe_record(record: Record) -> str:
    """Return a record as one line."""
    weight = f"weight {record['Weight']}" if "Weight" in record else "not weighted"
    return f"{record['Name']} {record['Type']} {record.get('SetIdentifier', '-')} -> {format_target(record)} ({weight})"


def read_records(client: Any, zone: str, domain: str) -> list[Record]:
    """Return the record sets of the domain, and its region TXT records."""
    records: list[Record] = []
    for name in (to_absolute_name(domain), build_region_record_name(domain)):
        pages = client.get_paginator("list_resource_record_sets").paginate(
            HostedZoneId=zone, StartRecordName=name, PaginationConfig={"PageSize": 100}
        )
        for page in pages:
            record_sets = page["ResourceRecordSets"]
            records += [record for record in record_sets if to_absolute_name(record["Name"]) == name]
            if any(to_absolute_name(record["Name"]) != name for record in record_sets):
                break
    return records


def connect() -> Any:
    """Return a Route 53 client with the caller's credentials.

    Raises
    ------
    BreakGlassRecordsError
        If boto3 is not installed.

    """
    try:
        import boto3  # noqa: PLC0415 - with --listing the script works without boto3
        from botocore.config import Config  # noqa: PLC0415 - part of boto3
    except ImportError:
        raise BreakGlassRecordsError(
            "boto3 is not installed: pip install boto3, or use --listing (see --help)."
        ) from None
    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 4, "mode": "standard"})
    return boto3.client("route53", region_name="us-east-1", config=config)


def get_error_code(error: Exception) -> str:
    """Return the code of Route 53's error response, or the error's type if there is no response."""
    # boto3's errors about a missing answer have a response, too: None.
    error_fields = (getattr(error, "response", None) or {}).get("Error", {})
    return str(error_fields.get("Code", type(error).__name__))


def describe_error(error: Exception) -> str:
    """Return the code and the message of a boto3 error."""
    error_fields = (getattr(error, "response", None) or {}).get("Error", {})
    return f"{get_error_code(error)}: {error_fields.get('Message', error)}"


def explain_error(error: Exception, zone: str) -> str:
    """Return a boto3 error with a hint what to do."""
    response = getattr(error, "response", None) or {}
    code = get_error_code(error)
    timeout_hint = (
        "Route 53's control plane (us-east-1) does not answer. Records can't be changed until it does. See the AWS "
        "Health Dashboard, and run this again: a repeat is safe. If a latch is attached, use break_glass_latch.py."
    )
    hints = {
        **dict.fromkeys(("ConnectTimeoutError", "ReadTimeoutError", "EndpointConnectionError"), timeout_hint),
        "NoSuchHostedZone": f"There is no hosted zone {zone} in the account of these credentials. Check --zone.",
        "AccessDenied": "Use credentials with the permissions that --help names.",
        "NoCredentialsError": "Give credentials, for instance with AWS_PROFILE or AWS_ACCESS_KEY_ID.",
        "ExpiredToken": "The credentials have expired. Sign in again.",
        "InvalidChangeBatch": "The records have changed since, or are protected. Look at them, and run this again.",
        "PriorRequestNotComplete": "Another change of the zone is under way. Run this again in a few seconds.",
    }
    is_passing = code in REPEATABLE_CODES or response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) >= 500  # noqa: PLR2004 - a server's error
    default = (
        "Route 53 did not make the change. Run this again: a repeat is safe."
        if is_passing
        else "Route 53 refuses this, and a repeat is refused, too. Correct what the message names."
    )
    return f"{describe_error(error)}\n{hints.get(code, default)}"


def explain_refused_checks(options: argparse.Namespace, changes: Sequence[PlannedChange], client: Any) -> str:
    """Return which health checks may have been deleted, and how to move users without them."""
    states = {True: "exists", False: "deleted, or in another account", None: "not known"}
    found = {check_id: does_check_exist(client, check_id) for check_id in group_by_check(changes)}
    lines = [
        f"  {check_id} on {', '.join(users)}: {states[found[check_id]]}"
        for check_id, users in group_by_check(changes).items()
    ]
    suspects = [check_id for check_id, exists in found.items() if exists is False] or [
        check_id for check_id, exists in found.items() if exists is None
    ]
    return "\n".join(
        [
            "A record of the change names a health check that was deleted.",
            "Route 53 refuses it, and every repeat. The records did not change. Their health checks:",
            *lines,
            "To move users and remove these checks from the records:",
            f"  {build_repeat_command(options, suspects)}",
            "A record without a health check always counts as healthy. Attach the latch again afterwards.",
        ]
    )


def build_repeat_command(options: argparse.Namespace, check_ids: Sequence[str]) -> str:
    """Return the command line that makes the same move without these health checks."""
    arguments = ["--zone", options.zone, "--domain", options.domain, "--to", options.to]
    arguments += ["--listing", str(options.listing)] if options.listing else []
    for check_id in (*options.without_check, *check_ids):
        arguments += ["--without-check", check_id]
    return shlex.join(["python", "break_glass.py", *arguments])


def wait_until_in_sync(
    client: Any, change_id: str, print_line: Callable[[str], None], sleep: Callable[[float], None]
) -> bool:
    """Print a change's status until all name servers have it. Return False after five minutes."""
    for waited in range(0, WAIT_TIMEOUT_SECONDS, POLL_INTERVAL_SECONDS):
        status = client.get_change(Id=change_id)["ChangeInfo"]["Status"]
        print_line(f"  {waited:3d} s  {status}")
        if status == "INSYNC":
            return True
        sleep(POLL_INTERVAL_SECONDS)
    return False


def build_dig_commands(client: Any, zone: str, changes: Sequence[PlannedChange]) -> list[str]:
    """Return commands that query an authoritative name server, without caches."""
    servers = client.get_hosted_zone(Id=zone).get("DelegationSet", {}).get("NameServers", [])
    questions = sorted({(record["Name"], record["Type"]) for record, _ in changes})
    return [
        f"  dig +short +norecurse @{server} {name} {record_type}"
        for server in servers[:1]
        for name, record_type in questions
    ]


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--zone", required=True, help="id of the hosted zone")
    parser.add_argument("--domain", required=True, help="the domain that users sign in at")
    parser.add_argument("--to", required=True, help="the Region, or the SetIdentifier of its record")
    parser.add_argument("--dry-run", action="store_true", help="show the changes; change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    parser.add_argument(
        "--without-check",
        action="append",
        default=[],
        metavar="ID",
        help="also remove this health check from the records (repeatable)",
    )
    parser.add_argument("--listing", type=Path, help="read this listing of the zone; only print the command to run")
    return parser.parse_args(arguments)


def find_health_checked_records(changes: Sequence[PlannedChange]) -> list[str]:
    """Return records that get all the weight and have a health check. While unhealthy, it blocks the move."""
    return [
        f"{new['SetIdentifier']} ({new['Type']}, health check {new['HealthCheckId']})"
        for _, new in changes
        if new["Weight"] == FULL_WEIGHT and "HealthCheckId" in new and new["Type"] in TRAFFIC_RECORD_TYPES
    ]


def print_plan(
    options: argparse.Namespace,
    changes: Sequence[PlannedChange],
    has_region_record: bool,
    print_line: Callable[[str], None],
) -> None:
    """Print the records, the planned changes, and the same as an AWS CLI command."""
    print_line("Found and planned:")
    for old, new in changes:
        is_removed = "HealthCheckId" in old and "HealthCheckId" not in new
        removal = f", without health check {old['HealthCheckId']}" if is_removed else ""
        print_line(f"  {describe_record(old)}  ==>  weight {new['Weight']}{removal}")
    if not has_region_record:
        name = build_region_record_name(options.domain)
        print_line(f"  {name} has no record for {options.to}. It is not changed.")
    if checked_records := find_health_checked_records(changes):
        print_line(f"\nWARNING: a health check is on {', '.join(checked_records)}.")
        print_line(
            "While it is unhealthy, users do not move there. If it is the latch's check, also release the latch:"
        )
        print_line("  python break_glass_latch.py --bucket BUCKET --region STANDBY_REGION --to primary")
    command = ["aws", "route53", "change-resource-record-sets", "--hosted-zone-id", options.zone, "--change-batch"]
    print_line("\nThe same with the AWS CLI:")
    print_line("  " + " ".join(shlex.quote(part) for part in (*command, json.dumps(build_change_batch(changes)))))


def print_check_problems(
    options: argparse.Namespace, changes: Sequence[PlannedChange], client: Any, print_line: Callable[[str], None]
) -> None:
    """Print which health checks make Route 53 refuse the change, as far as that is known before it."""
    for check_id, users in group_by_check(changes).items():
        if options.listing:
            print_line(f"\nIf Route 53 answers {NO_CHECK_CODE}, repeat with --without-check {check_id}")
        elif does_check_exist(client, check_id) is False:
            print_line(f"\nPROBLEM: the health check {check_id} on {', '.join(users)} does not exist in this account.")
            print_line(
                "If it was deleted, Route 53 refuses the change. To remove it from the records in the same step:"
            )
            print_line(f"  {build_repeat_command(options, [check_id])}")


def load_listing(listing: Path) -> list[Record]:
    """Return the record sets in an output file of ``aws route53 list-resource-record-sets``.

    Raises
    ------
    BreakGlassRecordsError
        If the file is missing or malformed.

    """
    try:
        return list(json.loads(listing.read_text())["ResourceRecordSets"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BreakGlassRecordsError(
            f"{listing} is not a listing of a zone ({error}). --help shows how to make one."
        ) from error


def is_confirmed(options: argparse.Namespace, prompt: Callable[[str], str]) -> bool:
    """Return whether the person confirms."""
    question = f"\nType {options.domain} to move all users to {options.to}: "
    return bool(options.yes) or to_absolute_name(prompt(question)) == to_absolute_name(options.domain)


def run(
    options: argparse.Namespace,
    client: Any,
    *,
    print_line: Callable[[str], None],
    prompt: Callable[[str], str],
    sleep: Callable[[float], None],
) -> int:
    """Show, ask, change, wait. Return the exit code: 0 done or nothing to do, 1 not done, 2 not yet on all servers."""
    records = load_listing(options.listing) if options.listing else read_records(client, options.zone, options.domain)
    changes, has_region_record = plan_changes(records, options.domain, options.to)
    changes = remove_checks(changes, options.without_check)
    print_plan(options, changes, has_region_record, print_line)
    print_check_problems(options, changes, client, print_line)
    if all(old == new for old, new in changes):
        print_line(f"\nNothing to change: {options.to} has all the weight already.")
        return 0
    if options.listing or options.dry_run:
        print_line("\nNothing was changed.")
        return 0
    if not is_confirmed(options, prompt):
        print_line("Nothing was changed.")
        return 1
    try:
        response = client.change_resource_record_sets(
            HostedZoneId=options.zone, ChangeBatch=build_change_batch(changes)
        )
    except Exception as error:
        if get_error_code(error) != NO_CHECK_CODE:
            raise
        reason = explain_refused_checks(options, changes, client)
        raise BreakGlassRecordsError(f"{describe_error(error)}\n{reason}") from error
    change_id = response["ChangeInfo"]["Id"]
    print_line(f"\nAccepted as change {change_id}. Waiting for every name server:")
    is_in_sync = wait_until_in_sync(client, change_id, print_line, sleep)
    print_line(
        "\nDone."
        if is_in_sync
        else f"\nNot on all name servers after {WAIT_TIMEOUT_SECONDS} s: aws route53 get-change --id {change_id}"
    )
    print_line("Resolvers keep the old answer for up to the record's TTL. To see the new answer:")
    for line in build_dig_commands(client, options.zone, changes):
        print_line(line)
    print_line("A running controller waits until you acknowledge this change: failoverctl acknowledge. Until then, it")
    print_line("moves users only off a Region that falls sick later.")
    return 0 if is_in_sync else 2


def main(
    arguments: Sequence[str] | None = None,
    *,
    client: Any = None,
    print_line: Callable[[str], None] = lambda line: print(line, flush=True),  # noqa: T201 - output for a person
    prompt: Callable[[str], str] = input,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run the command. An error becomes a message and exit code 1."""
    options = parse_arguments(arguments)
    try:
        route53 = client or (None if options.listing else connect())
        return run(options, route53, print_line=print_line, prompt=prompt, sleep=sleep)
    except BreakGlassRecordsError as error:
        print_line(f"\n{error}")
    except (KeyboardInterrupt, EOFError):
        print_line("\nStopped. A change that was already accepted still takes effect.")
    except Exception as error:  # noqa: BLE001 - boto3's error types are unknown here: it may not be installed
        print_line(f"\n{explain_error(error, options.zone)}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
