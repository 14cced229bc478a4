#!/usr/bin/env python3
"""Throw or release the latches with S3 in the standby Region and your own credentials, without the controller.

Use it when the controller and Route 53's control plane are both down, so break_glass.py can't change records. It needs
Python 3.9 and boto3, and no other file. Example:

    python break_glass_latch.py --bucket BUCKET --region us-east-1 --to standby

BUCKET is the output LatchBucketName of the controller's stack. The Region is the standby Region. Write both down before
you need them. --to standby puts the objects "records" and "domain", --to primary deletes them. The script shows the
objects, asks, changes them, and reads them back.

It moves, within a minute: the domain's records, for all weights, and Cognito's own domain for managed login. A latch
works only if it was attached before. It does not change weights: after a release, users return to the primary only if
the weights are 255 and 0. It does not move users if the latch is a metric, or not attached.

The caller needs s3:GetObject, s3:PutObject and s3:DeleteObject on the two objects, and s3:ListBucket on the bucket.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any, Callable, Sequence  # noqa: UP035 - Python 3.9 tools need typing's names

OBJECT_TOKEN = "cognito-failover: thrown"  # noqa: S105 - the health checks' search string, no secret
LATCHES = {
    "records": "the records of your domain",
    "domain": "Cognito's own domain",
}
REPEATABLE_CODES = {"OperationAborted", "RequestTimeout", "SlowDown"}
"""Codes of failures that pass, besides those with a status of 500 or more."""
THROWN_BY_ROLE = {"standby": True, "primary": False}
"""Whether the latches are thrown while users are on the primary or the standby."""


class BreakGlassLatchError(Exception):
    """Nothing was changed. The message says why, and what to do."""


def connect(region: str) -> Any:
    """Return an S3 client in the standby Region with the caller's credentials.

    Raises
    ------
    BreakGlassLatchError
        If boto3 is not installed.

    """
    try:
        import boto3  # noqa: PLC0415 - the error below needs no boto3
        from botocore.config import Config  # noqa: PLC0415 - part of boto3
    except ImportError:
        raise BreakGlassLatchError("boto3 is not installed: pip install boto3.") from None
    config = Config(
        connect_timeout=5,
        read_timeout=10,
        retries={"total_max_attempts": 4, "mode": "standard"},
        s3={"us_east_1_regional_endpoint": "regional"},  # the global endpoint depends on another Region
    )
    return boto3.client("s3", region_name=region, config=config)


def get_error_fields(error: Exception) -> dict[str, Any]:
    """Return the error fields of S3's response; empty without a response."""
    # boto3's errors about a missing answer have a response, too: None.
    error_fields: dict[str, Any] = (getattr(error, "response", None) or {}).get("Error", {})
    return error_fields


def is_thrown(client: Any, bucket: str, latch: str) -> bool:
    """Return whether the latch's object has the token that the health checkers search for."""
    try:
        content: bytes = client.get_object(Bucket=bucket, Key=latch)["Body"].read()
    except Exception as error:
        if get_error_fields(error).get("Code") == "NoSuchKey":
            return False
        raise
    return OBJECT_TOKEN.encode() in content


def set_latch(client: Any, bucket: str, latch: str, *, thrown: bool) -> None:
    """Throw or release one latch."""
    if thrown:
        # Not the bucket's default: health checkers can't read objects that a KMS key encrypts.
        client.put_object(
            Bucket=bucket,
            Key=latch,
            Body=OBJECT_TOKEN.encode(),
            ContentType="text/plain",
            ServerSideEncryption="AES256",
        )
    else:
        client.delete_object(Bucket=bucket, Key=latch)


def describe_state(thrown: bool) -> str:
    """Return a latch's state as a word."""
    return "thrown" if thrown else "released"


def explain_error(error: Exception, bucket: str, region: str) -> str:
    """Return a boto3 error with a hint what to do."""
    error_fields = get_error_fields(error)
    code = error_fields.get("Code", type(error).__name__)
    details = f"{code}: {error_fields.get('Message', error)}"
    timeout_hint = f"S3 in {region} does not answer. If that Region is down, do not move users there. A repeat is safe."
    wrong_region_hint = f"The bucket {bucket} is not in {region}. Check --region: give the standby Region."
    hints = {
        **dict.fromkeys(("ConnectTimeoutError", "ReadTimeoutError", "EndpointConnectionError"), timeout_hint),
        **dict.fromkeys(("PermanentRedirect", "AuthorizationHeaderMalformed", "301"), wrong_region_hint),
        "NoSuchBucket": f"There is no bucket {bucket}. It is the output LatchBucketName of the controller's stack.",
        "AccessDenied": "Use credentials of the bucket's account with the permissions that --help names.",
        "NoCredentialsError": "Give credentials, for instance with AWS_PROFILE or AWS_ACCESS_KEY_ID.",
        "ExpiredToken": "The credentials have expired. Sign in again.",
    }
    status = (getattr(error, "response", None) or {}).get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    default = (
        "S3 did not make the change. Run this again: a repeat is safe."
        if code in REPEATABLE_CODES or status >= 500  # noqa: PLR2004 - a server's error
        else "S3 refuses this, and a repeat is refused, too. Correct what the message names."
    )
    return f"{details}\n{hints.get(code, default)}"


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--bucket", required=True, help="the bucket of the latches")
    parser.add_argument("--region", required=True, help="the bucket's Region: the standby Region")
    parser.add_argument("--to", required=True, choices=tuple(THROWN_BY_ROLE), help="where to move users")
    parser.add_argument("--only", choices=tuple(LATCHES), help="change only one of the two latches")
    parser.add_argument("--dry-run", action="store_true", help="show the changes; change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    return parser.parse_args(arguments)


def print_plan(
    options: argparse.Namespace, thrown_by_latch: dict[str, bool], print_line: Callable[[str], None]
) -> None:
    """Print the state of the latches, the planned changes, and their effect."""
    thrown = THROWN_BY_ROLE[options.to]
    print_line("Found and planned:")
    for latch, is_thrown_now in thrown_by_latch.items():
        change = "no change" if is_thrown_now is thrown else f"==>  {describe_state(thrown)}"
        print_line(
            f"  s3://{options.bucket}/{latch}  {describe_state(is_thrown_now)}  {change}    (moves {LATCHES[latch]})"
        )
    if thrown:
        print_line(
            "\nAn attached latch that is thrown moves all users to the standby within a minute, for all weights."
        )
    else:
        print_line("\nCheck first that the primary is healthy.")
        print_line("After the release, the weights of the records decide: users return to the primary only if the")
        print_line(
            "weights are 255 for the primary and 0 for the standby. Cognito's own domain returns at once, entirely."
        )


def run(
    options: argparse.Namespace,
    client: Any,
    *,
    print_line: Callable[[str], None],
    prompt: Callable[[str], str],
) -> int:
    """Show, ask, set, read back. Return the exit code: 0 done or nothing to do, 1 not done, 2 partly done."""
    thrown = THROWN_BY_ROLE[options.to]
    latches = (options.only,) if options.only else tuple(LATCHES)
    thrown_by_latch = {latch: is_thrown(client, options.bucket, latch) for latch in latches}
    print_plan(options, thrown_by_latch, print_line)
    latches_to_set = [latch for latch, is_thrown_now in thrown_by_latch.items() if is_thrown_now is not thrown]
    if not latches_to_set:
        print_line(f"\nNothing to change: all are {describe_state(thrown)} already.")
        return 0
    if options.dry_run:
        print_line("\nNothing was changed.")
        return 0
    if not options.yes and prompt(f"\nType {options.to} to move users there: ").strip().lower() != options.to:
        print_line("Nothing was changed.")
        return 1
    return set_latches(options, client, latches_to_set, print_line)


def set_latches(
    options: argparse.Namespace, client: Any, latches: Sequence[str], print_line: Callable[[str], None]
) -> int:
    """Set each latch and read it back. A failing latch does not stop the other. Return the exit code."""
    thrown = THROWN_BY_ROLE[options.to]
    failed = []
    for latch in latches:
        try:
            set_latch(client, options.bucket, latch, thrown=thrown)
            is_set = is_thrown(client, options.bucket, latch) is thrown
            result = describe_state(thrown) if is_set else f"NOT {describe_state(thrown)}: the object has not changed"
        except Exception as error:  # noqa: BLE001 - boto3's error types are unknown here: it may not be installed
            is_set = False
            explanation = explain_error(error, options.bucket, options.region)
            result = f"UNKNOWN, may not be {describe_state(thrown)}: {explanation}"
        print_line(f"  {latch}: {result}")
        if not is_set:
            failed.append(latch)
    if len(failed) == len(latches):
        return 1
    print_line("\nHealth checkers see the change within seconds, name servers within a minute. Resolvers keep the old")
    print_line("answer for up to the record's TTL. To see the state of each latch in DNS, with your domains:")
    print_line("  dig +short TXT _latch.DOMAIN")
    print_line("  dig +short TXT _region.LOGIN_DOMAIN")
    print_line("A running controller waits until you acknowledge this change: failoverctl acknowledge. Until then, it")
    print_line("moves users only off a Region that falls sick later.")
    return 2 if failed else 0


def main(
    arguments: Sequence[str] | None = None,
    *,
    client: Any = None,
    print_line: Callable[[str], None] = lambda line: print(line, flush=True),  # noqa: T201 - output for a person
    prompt: Callable[[str], str] = input,
) -> int:
    """Run the command. An error becomes a message and exit code 1."""
    options = parse_arguments(arguments)
    try:
        return run(options, client or connect(options.region), print_line=print_line, prompt=prompt)
    except BreakGlassLatchError as error:
        print_line(f"\n{error}")
    except (KeyboardInterrupt, EOFError):
        print_line("\nStopped. Changes that were already reported are made.")
    except Exception as error:  # noqa: BLE001 - boto3's error types are unknown here: it may not be installed
        print_line(f"\n{explain_error(error, options.bucket, options.region)}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
