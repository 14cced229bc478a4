"""Readers of the multi-Region key that encrypts the pool."""

import json
from typing import Any

from cognito_failover.common.region import RegionRole
from cognito_failover.preflight.facts import FactUnavailableError, ServiceResponse, Snapshot
from cognito_failover.preflight.readers.pool import read_replicated_settings

_POLICY = "default"  # the only name a key policy may have


def replace_arn_region(arn: str, region: str) -> str:
    """Return an ARN with its Region replaced."""
    parts = arn.split(":")
    parts[3] = region
    return ":".join(parts)


def read_key_arn(snapshot: Snapshot) -> str:
    """Return the ARN of the pool's customer managed key, in either Region. Empty without one."""
    return str(snapshot.read(read_replicated_settings).get("KeyConfiguration", {}).get("KmsKeyArn", ""))


def read_key(snapshot: Snapshot, role: RegionRole) -> ServiceResponse | None:
    """Return the key as KMS describes it in a Region, or None if it does not exist there."""
    client, arn = _get_kms_client(snapshot, role)
    try:
        description: ServiceResponse = client.describe_key(KeyId=arn)["KeyMetadata"]
    except client.exceptions.NotFoundException:
        return None
    return description


def read_key_policy(snapshot: Snapshot, role: RegionRole) -> tuple[ServiceResponse, ...]:
    """Return the statements of the key's policy in a Region."""
    client, arn = _get_kms_client(snapshot, role)
    document = json.loads(client.get_key_policy(KeyId=arn, PolicyName=_POLICY)["Policy"])
    return tuple(document["Statement"])


def _get_kms_client(snapshot: Snapshot, role: RegionRole) -> tuple[Any, str]:
    arn, region = snapshot.read(read_key_arn), snapshot.settings.regions[role]
    if not arn:
        raise FactUnavailableError("The pool has no customer managed key.")
    return snapshot.context.get_client("kms", region), replace_arn_region(arn, region)
