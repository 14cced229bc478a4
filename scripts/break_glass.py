#!/usr/bin/env python3
"""Move a domain to one Region by hand, with nothing but Route 53 and your own credentials.

For the day on which the controller is gone. It needs Python 3.9 and boto3, and no other file. Example:

    python break_glass.py --zone Z0123456789 --domain auth.example.com --to us-east-1

It shows what it found and what it would change, asks, changes the weights of the domain's records and of its beacon in
one batch that fails if anybody else changed them meanwhile, and waits until every name server has the change.
Without boto3, give a listing made elsewhere, and it prints the command to run:

    aws route53 list-resource-record-sets --hosted-zone-id Z0123456789 > records.json
    python break_glass.py --zone Z0123456789 --domain auth.example.com --to us-east-1 --listing records.json

The caller needs route53:ListResourceRecordSets, route53:ChangeResourceRecordSets and route53:GetHostedZone on the zone,
and route53:GetChange.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from pathlib import Path
from typing import Any, Callable, Sequence  # noqa: UP035 - collections.abc is no subscript for annotations in 3.9 tools

STEERING_TYPES = ("A", "AAAA", "CNAME")
BEACON_LABEL = "_region"
FULL_WEIGHT = 255
POLL_SECONDS = 5
WAIT_SECONDS = 300

Record = dict[str, Any]
Move = tuple[Record, Record]
"""A record as it is, and as it will be."""


class BreakGlassError(Exception):
    """Nothing was changed; the message says why, and what to do."""


def absolute(name: str) -> str:
    """Return a name in lower case, with its last dot."""
    return name.strip().rstrip(".").lower() + "."


def beacon_name(domain: str) -> str:
    """Return the name of the TXT pair that tells which Region serves the domain."""
    return absolute(f"{BEACON_LABEL}.{domain}")


def target_of(record: Record) -> str:
    """Return what a record leads to: an alias's name, or the values."""
    if "AliasTarget" in record:
        return str(record["AliasTarget"]["DNSName"])
    return ", ".join(value["Value"] for value in record.get("ResourceRecords", ()))


def names_it(record: Record, wanted: str) -> bool:
    """Tell whether the wanted side is this record: by identifier, target, or the Region in the target's name."""
    target = target_of(record).strip('"').lower()
    wanted = wanted.lower()
    return wanted in {record["SetIdentifier"].lower(), target, target.rstrip(".")} or wanted in target.split(".")


def weighted_groups(records: Sequence[Record], domain: str) -> dict[str, list[Record]]:
    """Return the domain's weighted records by type.

    Raises
    ------
    BreakGlassError
        If there is none, or one type has anything but two or more weighted records.

    """
    steering = [each for each in records if absolute(each["Name"]) == absolute(domain)]
    groups: dict[str, list[Record]] = {}
    for record in steering:
        if record["Type"] in STEERING_TYPES:
            groups.setdefault(record["Type"], []).append(record)
    if not groups:
        raise BreakGlassError(f"The zone has no A, AAAA or CNAME record of {domain}. Check --zone and --domain.")
    for record_type, group in groups.items():
        if len(group) < 2 or any("Weight" not in each for each in group):  # noqa: PLR2004 - a pair
            raise BreakGlassError(
                f"{domain} has no weighted pair of type {record_type}, so no weight would move it. Change the record "
                f"itself, in the console, to the other Region's target. Found: {'; '.join(map(described, group))}"
            )
    return groups


def chosen(group: Sequence[Record], wanted: str) -> Record:
    """Return the one record of a group that the person means.

    Raises
    ------
    BreakGlassError
        If it is none of them, or more than one.

    """
    found = [each for each in group if names_it(each, wanted)]
    if len(found) != 1:
        raise BreakGlassError(
            f"--to {wanted} names {len(found)} of the {len(group)} {group[0]['Type']} records. Give one of these: "
            f"{', '.join(each['SetIdentifier'] for each in group)}. Found: {'; '.join(map(described, group))}"
        )
    return found[0]


def all_weight_on(winner: Record, group: Sequence[Record]) -> list[Move]:
    """Return the moves that give one record all the weight and leave every other field as it was."""
    return [(each, {**each, "Weight": FULL_WEIGHT if each is winner else 0}) for each in group]


def beacon_winner(beacon: Sequence[Record], steering: Record, wanted: str) -> Record | None:
    """Return the half of the beacon that belongs to a record: by its name, or by having had the same weight alone."""
    found = [each for each in beacon if names_it(each, wanted)]
    found = found or [each for each in beacon if each.get("Weight") == steering["Weight"]]
    return found[0] if len(found) == 1 else None


def planned(records: Sequence[Record], domain: str, wanted: str) -> tuple[list[Move], bool]:
    """Return the moves of the domain's records and its beacon's, and whether the beacon is among them."""
    moves: list[Move] = []
    winner: Record = {}
    for group in weighted_groups(records, domain).values():
        winner = chosen(group, wanted)
        moves += all_weight_on(winner, group)
    beacon = [
        each
        for each in records
        if absolute(each["Name"]) == beacon_name(domain) and each["Type"] == "TXT" and "Weight" in each
    ]
    lit = beacon_winner(beacon, winner, wanted)
    if lit is not None:
        moves += all_weight_on(lit, beacon)
    return moves, lit is not None


def batch(moves: Sequence[Move]) -> dict[str, Any]:
    """Return a change batch that Route 53 refuses as a whole if a record isn't any more as it was read."""
    return {
        "Comment": "moved by hand with break_glass.py",
        "Changes": [
            *({"Action": "DELETE", "ResourceRecordSet": old} for old, _ in moves),
            *({"Action": "CREATE", "ResourceRecordSet": new} for _, new in moves),
        ],
    }


def described(record: Record) -> str:
    """Return a record in a line."""
    weight = f"weight {record['Weight']}" if "Weight" in record else "not weighted"
    return f"{record['Name']} {record['Type']} {record.get('SetIdentifier', '-')} -> {target_of(record)} ({weight})"


def read_records(client: Any, zone: str, domain: str) -> list[Record]:
    """Return the record sets at the domain's and the beacon's names."""
    records: list[Record] = []
    for name in (absolute(domain), beacon_name(domain)):
        pages = client.get_paginator("list_resource_record_sets").paginate(
            HostedZoneId=zone, StartRecordName=name, PaginationConfig={"PageSize": 100}
        )
        for page in pages:
            records += [each for each in page["ResourceRecordSets"] if absolute(each["Name"]) == name]
            if any(absolute(each["Name"]) != name for each in page["ResourceRecordSets"]):
                break
    return records


def connect() -> Any:
    """Return a Route 53 client with the caller's credentials.

    Raises
    ------
    BreakGlassError
        If boto3 is not installed.

    """
    try:
        import boto3  # noqa: PLC0415 - with --listing the script works without it
        from botocore.config import Config  # noqa: PLC0415 - comes with it
    except ImportError:
        raise BreakGlassError("boto3 is not installed: pip install boto3, or use --listing (see --help).") from None
    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 4, "mode": "standard"})
    return boto3.client("route53", region_name="us-east-1", config=config)


def explained(error: Exception, zone: str) -> str:
    """Return what an error of boto3 means for the person in front of the screen."""
    # boto3's errors about a missing answer have a response, too: None.
    answer = (getattr(error, "response", None) or {}).get("Error", {})
    code = answer.get("Code", type(error).__name__)
    said = f"{code}: {answer.get('Message', error)}"
    silent = (
        "Route 53's control plane, which is in us-east-1, does not answer: until it does, nobody can change a record. "
        "See the AWS Health Dashboard, and run this again: a repeat is safe."
    )
    hints = {
        **dict.fromkeys(("ConnectTimeoutError", "ReadTimeoutError", "EndpointConnectionError"), silent),
        "NoSuchHostedZone": f"There is no hosted zone {zone} in the account of these credentials. Check --zone.",
        "AccessDenied": "Use credentials with the permissions that --help names.",
        "NoCredentialsError": "Give credentials, for instance with AWS_PROFILE or AWS_ACCESS_KEY_ID.",
        "ExpiredToken": "The credentials have expired; sign in again.",
        "InvalidChangeBatch": "The records were changed meanwhile, or are protected. Look at them, and run this again.",
        "PriorRequestNotComplete": "Another change of the zone is being made. Run this again in a few seconds.",
    }
    return f"{said}\n{hints.get(code, 'Route 53 did not do it. Run this again: a repeat is safe.')}"


def wait_until_in_sync(client: Any, change_id: str, say: Callable[[str], None], sleep: Callable[[float], None]) -> bool:
    """Report a change's progress until all name servers have it; return whether they do after five minutes."""
    for waited in range(0, WAIT_SECONDS, POLL_SECONDS):
        status = client.get_change(Id=change_id)["ChangeInfo"]["Status"]
        say(f"  {waited:3d} s  {status}")
        if status == "INSYNC":
            return True
        sleep(POLL_SECONDS)
    return False


def how_to_check(client: Any, zone: str, moves: Sequence[Move]) -> list[str]:
    """Return the commands that ask an authoritative name server, past every cache."""
    servers = client.get_hosted_zone(Id=zone).get("DelegationSet", {}).get("NameServers", [])
    questions = sorted({(each["Name"], each["Type"]) for each, _ in moves})
    return [f"  dig +short +norecurse @{server} {name} {kind}" for server in servers[:1] for name, kind in questions]


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--zone", required=True, help="id of the hosted zone")
    parser.add_argument("--domain", required=True, help="the name users sign in at")
    parser.add_argument("--to", required=True, help="the Region, or the SetIdentifier of its record")
    parser.add_argument("--dry-run", action="store_true", help="show what would be changed, and change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--listing", type=Path, help="use this listing of the zone; only print the command to run")
    return parser.parse_args(arguments)


def checked(moves: Sequence[Move]) -> list[str]:
    """Return the records that get all the weight and carry a health check: unhealthy, they answer nobody."""
    return [
        f"{new['SetIdentifier']} ({new['Type']}, health check {new['HealthCheckId']})"
        for _, new in moves
        if new["Weight"] == FULL_WEIGHT and "HealthCheckId" in new and new["Type"] in STEERING_TYPES
    ]


def show(options: argparse.Namespace, moves: Sequence[Move], lit: bool, say: Callable[[str], None]) -> None:
    """Say what was found and what will change, and give the same as a command of the AWS CLI."""
    say("Found and planned:")
    for old, new in moves:
        say(f"  {described(old)}  ==>  weight {new['Weight']}")
    if not lit:
        say(f"  {beacon_name(options.domain)} has no half that belongs to {options.to}; it is left as it is.")
    if guarded := checked(moves):
        say(f"\nWARNING: a health check is on {', '.join(guarded)}.")
        say("While it is unhealthy the weights alone send nobody there. If it is the latch's, release the latch too:")
        say("  python break_glass_latch.py --bucket BUCKET --region STANDBY_REGION --to primary")
    command = ["aws", "route53", "change-resource-record-sets", "--hosted-zone-id", options.zone, "--change-batch"]
    say("\nThe same with the AWS CLI:")
    say("  " + " ".join(shlex.quote(part) for part in (*command, json.dumps(batch(moves)))))


def listed(listing: Path) -> list[Record]:
    """Return the record sets in a file that ``aws route53 list-resource-record-sets`` wrote.

    Raises
    ------
    BreakGlassError
        If it can't be read as such.

    """
    try:
        return list(json.loads(listing.read_text())["ResourceRecordSets"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BreakGlassError(f"{listing} is no listing of a zone ({error}); --help tells how to make one.") from error


def agreed(options: argparse.Namespace, ask: Callable[[str], str]) -> bool:
    """Ask whether to go on."""
    question = f"\nType {options.domain} to send every user to {options.to}: "
    return bool(options.yes) or absolute(ask(question)) == absolute(options.domain)


def run(
    options: argparse.Namespace,
    client: Any,
    *,
    say: Callable[[str], None],
    ask: Callable[[str], str],
    sleep: Callable[[float], None],
) -> int:
    """Show, ask, change, wait. Return the exit code: 0 done or nothing to do, 1 not done, 2 not yet everywhere."""
    records = listed(options.listing) if options.listing else read_records(client, options.zone, options.domain)
    moves, lit = planned(records, options.domain, options.to)
    show(options, moves, lit, say)
    if all(old == new for old, new in moves):
        say(f"\nNothing to change: {options.to} has all the weight already.")
        return 0
    if options.listing or options.dry_run:
        say("\nNothing was changed.")
        return 0
    if not agreed(options, ask):
        say("Nothing was changed.")
        return 1
    changed = client.change_resource_record_sets(HostedZoneId=options.zone, ChangeBatch=batch(moves))
    change_id = changed["ChangeInfo"]["Id"]
    say(f"\nAccepted as change {change_id}. Waiting for every name server:")
    done = wait_until_in_sync(client, change_id, say, sleep)
    say("\nDone." if done else f"\nNot everywhere after {WAIT_SECONDS} s: aws route53 get-change --id {change_id}")
    say("Resolvers keep the old answer for up to the record's TTL. To see the new one:")
    for line in how_to_check(client, options.zone, moves):
        say(line)
    say("A controller that is alive sees this as a human's change and moves nothing until it is acknowledged.")
    return 0 if done else 2


def main(
    arguments: Sequence[str] | None = None,
    *,
    client: Any = None,
    say: Callable[[str], None] = lambda line: print(line, flush=True),  # noqa: T201 - it talks to a person
    ask: Callable[[str], str] = input,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run the command; every error becomes words and exit code 1."""
    options = parsed(arguments)
    try:
        connected = client or (None if options.listing else connect())
        return run(options, connected, say=say, ask=ask, sleep=sleep)
    except BreakGlassError as error:
        say(f"\n{error}")
    except (KeyboardInterrupt, EOFError):
        say("\nStopped. A change that was already accepted goes on.")
    except Exception as error:  # noqa: BLE001 - boto3's errors can't be named here: it may not be installed
        say(f"\n{explained(error, options.zone)}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
