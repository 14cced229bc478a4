#!/usr/bin/env python3
"""Throw or release the latch by hand, with nothing but S3 in the standby Region and your own credentials.

For the day on which the controller is gone, and Route 53's control plane too, so that break_glass.py can't change a
record. It needs Python 3.9 and boto3, and no other file. Example:

    python break_glass_latch.py --bucket BUCKET --region us-east-1 --to standby

BUCKET is the output LatchBucketName of the controller's stack, and the Region is the standby's: write both down before
you need them. To the standby the objects "records" and "domain" are put, to the primary they are deleted. The script
shows what it found, asks, does it, and reads the objects back.

What it moves, within a minute: the domain's records, whatever their weights are, and Cognito's own domain for managed
login; each only if its latch was attached before. What it does not: weights, so that releasing returns users to the
primary only where the weights are 255 to 0. It moves nobody where the latch is a metric, or not attached.

The caller needs s3:GetObject, s3:PutObject and s3:DeleteObject on the two objects, and s3:ListBucket on the bucket.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any, Callable, Sequence  # noqa: UP035 - collections.abc is no subscript for annotations in 3.9 tools

OBJECT_TOKEN = "cognito-failover: thrown"  # noqa: S105 - what the health checks search for, no secret
LATCHES = {
    "records": "the records of your domain",
    "domain": "Cognito's own domain",
}
THROWN_BY_ROLE = {"standby": True, "primary": False}
"""Whether the latch is thrown while a side has all users."""


class BreakGlassLatchError(Exception):
    """The message says why it was not done, and what to do."""


def connect(region: str) -> Any:
    """Return a client of S3 in the standby Region, with the caller's credentials.

    Raises
    ------
    BreakGlassError
        If boto3 is not installed.

    """
    try:
        import boto3  # noqa: PLC0415 - without it there is still something to say
        from botocore.config import Config  # noqa: PLC0415 - comes with it
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
    """Return what S3 said in an error of boto3; nothing where it said nothing."""
    # boto3's errors about a missing answer have a response, too: None.
    error_fields: dict[str, Any] = (getattr(error, "response", None) or {}).get("Error", {})
    return error_fields


def is_thrown(client: Any, bucket: str, latch: str) -> bool:
    """Tell whether health checkers find the token."""
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
        # Health checkers can't read what a KMS key encrypts, whatever the bucket's default.
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
    """Return a latch's state in a word."""
    return "thrown" if thrown else "released"


def explain_error(error: Exception, bucket: str, region: str) -> str:
    """Return what an error of boto3 means for the person in front of the screen."""
    error_fields = get_error_fields(error)
    code = error_fields.get("Code", type(error).__name__)
    details = f"{code}: {error_fields.get('Message', error)}"
    timeout_hint = (
        f"S3 in {region} does not answer. If that Region is down, nobody should be sent there. A repeat is safe."
    )
    wrong_region_hint = f"The bucket {bucket} is not in {region}. Check --region: it is the standby's."
    hints = {
        **dict.fromkeys(("ConnectTimeoutError", "ReadTimeoutError", "EndpointConnectionError"), timeout_hint),
        **dict.fromkeys(("PermanentRedirect", "AuthorizationHeaderMalformed", "301"), wrong_region_hint),
        "NoSuchBucket": f"There is no bucket {bucket}. It is the output LatchBucketName of the controller's stack.",
        "AccessDenied": "Use credentials with the permissions that --help names, of the bucket's own account.",
        "NoCredentialsError": "Give credentials, for instance with AWS_PROFILE or AWS_ACCESS_KEY_ID.",
        "ExpiredToken": "The credentials have expired; sign in again.",
    }
    return f"{details}\n{hints.get(code, 'S3 did not do it. Run this again: a repeat is safe.')}"


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--bucket", required=True, help="the latch's bucket")
    parser.add_argument("--region", required=True, help="the standby Region, which the bucket is in")
    parser.add_argument("--to", required=True, choices=tuple(THROWN_BY_ROLE), help="where users are to go")
    parser.add_argument("--only", choices=tuple(LATCHES), help="one of the two latches; both without it")
    parser.add_argument("--dry-run", action="store_true", help="show what would be changed, and change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser.parse_args(arguments)


def print_plan(
    options: argparse.Namespace, thrown_by_latch: dict[str, bool], print_line: Callable[[str], None]
) -> None:
    """Say what was found, what will change, and what comes of it."""
    thrown = THROWN_BY_ROLE[options.to]
    print_line("Found and planned:")
    for latch, was in thrown_by_latch.items():
        becomes = "stays" if was is thrown else f"==>  {describe_state(thrown)}"
        print_line(f"  s3://{options.bucket}/{latch}  {describe_state(was)}  {becomes}    (moves {LATCHES[latch]})")
    if thrown:
        print_line(
            "\nThrown, a latch that is attached sends everybody to the standby within a minute, whatever the weights."
        )
    else:
        print_line(
            "\nReleased, the latch of the records leaves users to the weights: they return to the primary only where"
        )
        print_line(
            "these are 255 for the primary and 0 for the standby. Cognito's own domain returns at once, as a whole."
        )
        print_line("See that the primary is well first.")


def run(
    options: argparse.Namespace,
    client: Any,
    *,
    print_line: Callable[[str], None],
    prompt: Callable[[str], str],
) -> int:
    """Show, ask, set, read back. Return the exit code: 0 done or nothing to do, 1 not done, 2 not all of it done."""
    thrown = THROWN_BY_ROLE[options.to]
    latches = (options.only,) if options.only else tuple(LATCHES)
    thrown_by_latch = {latch: is_thrown(client, options.bucket, latch) for latch in latches}
    print_plan(options, thrown_by_latch, print_line)
    latches_to_set = [latch for latch, was in thrown_by_latch.items() if was is not thrown]
    if not latches_to_set:
        print_line(f"\nNothing to change: everything is {describe_state(thrown)} already.")
        return 0
    if options.dry_run:
        print_line("\nNothing was changed.")
        return 0
    if not options.yes and prompt(f"\nType {options.to} to send users there: ").strip().lower() != options.to:
        print_line("Nothing was changed.")
        return 1
    return set_latches(options, client, latches_to_set, print_line)


def set_latches(
    options: argparse.Namespace, client: Any, latches: Sequence[str], print_line: Callable[[str], None]
) -> int:
    """Set each latch on its own, so that one that fails keeps not the other, and read it back."""
    thrown = THROWN_BY_ROLE[options.to]
    failed = []
    for latch in latches:
        try:
            set_latch(client, options.bucket, latch, thrown=thrown)
            is_set = is_thrown(client, options.bucket, latch) is thrown
            result = describe_state(thrown) if is_set else f"NOT {describe_state(thrown)}: read back, it is as before"
        except Exception as error:  # noqa: BLE001 - boto3's errors can't be named here: it may not be installed
            is_set, result = (
                False,
                f"NOT known to be {describe_state(thrown)}: {explain_error(error, options.bucket, options.region)}",
            )
        print_line(f"  {latch}: {result}")
        if not is_set:
            failed.append(latch)
    if len(failed) == len(latches):
        return 1
    print_line(
        "\nHealth checkers see it within seconds, name servers within a minute. Resolvers keep the old answer for up to"
    )
    print_line(
        "the record's TTL. To see what name servers answer for each latch (DOMAIN and LOGIN_DOMAIN are your names):"
    )
    print_line("  dig +short TXT _latch.DOMAIN")
    print_line("  dig +short TXT _region.LOGIN_DOMAIN")
    print_line("A controller that is alive sees this as a human's hand, and moves nothing until it is acknowledged.")
    return 2 if failed else 0


def main(
    arguments: Sequence[str] | None = None,
    *,
    client: Any = None,
    print_line: Callable[[str], None] = lambda line: print(line, flush=True),  # noqa: T201 - it talks to a person
    prompt: Callable[[str], str] = input,
) -> int:
    """Run the command; every error becomes words and exit code 1."""
    options = parse_arguments(arguments)
    try:
        return run(options, client or connect(options.region), print_line=print_line, prompt=prompt)
    except BreakGlassLatchError as error:
        print_line(f"\n{error}")
    except (KeyboardInterrupt, EOFError):
        print_line("\nStopped. What was already said to be done is done.")
    except Exception as error:  # noqa: BLE001 - boto3's errors can't be named here: it may not be installed
        print_line(f"\n{explain_error(error, options.bucket, options.region)}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
