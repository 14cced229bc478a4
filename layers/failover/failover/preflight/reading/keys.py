"""Readings of the multi-Region key that encrypts the pool."""

import json
from typing import Any

from failover.preflight.facts import Document, Facts, UnreadError
from failover.preflight.reading.pool import shared
from failover.region import Side

_POLICY = "default"  # the only name a key policy may have


def in_region(arn: str, region: str) -> str:
    """Return an ARN with another Region in it."""
    parts = arn.split(":")
    parts[3] = region
    return ":".join(parts)


def key_arn(facts: Facts) -> str:
    """Return the ARN of the pool's own key, in whichever Region was asked; empty where it has none."""
    return str(facts(shared).get("KeyConfiguration", {}).get("KmsKeyArn", ""))


def key(facts: Facts, side: Side) -> Document | None:
    """Return the key as KMS describes it in a Region; None where there is none."""
    client, arn = _kms(facts, side)
    try:
        described: Document = client.describe_key(KeyId=arn)["KeyMetadata"]
    except client.exceptions.NotFoundException:
        return None
    return described


def key_policy(facts: Facts, side: Side) -> tuple[Document, ...]:
    """Return the statements of the key's policy in a Region."""
    client, arn = _kms(facts, side)
    document = json.loads(client.get_key_policy(KeyId=arn, PolicyName=_POLICY)["Policy"])
    return tuple(document["Statement"])


def _kms(facts: Facts, side: Side) -> tuple[Any, str]:
    arn, region = facts(key_arn), facts.settings.regions[side]
    if not arn:
        raise UnreadError("The pool has no key of its own.")
    return facts.site.client("kms", region), in_region(arn, region)
