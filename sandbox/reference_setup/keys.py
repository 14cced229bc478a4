"""The multi-Region key, its replica, and their key policies for Cognito."""

import json
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.reference_setup.polling import Poller, find_unique

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_POLICY = "default"  # the only valid name of a key policy
_STATEMENT_ID = "Allow Cognito to use the key"


def ensure_keys(
    kms: Mapping[str, "KMSClient"],
    regions: tuple[str, str],
    name: str,
    poller: Poller,
) -> dict[str, str]:
    """Ensure that a multi-Region key exists in the primary Region, and its replica in the standby.

    Parameters
    ----------
    kms
        KMS clients by Region.
    regions
        Primary and standby.
    name
        Prefix of the key's description, which identifies the key.
    poller
        Waits until a new replica key is enabled.

    Returns
    -------
    dict
        The keys' ARNs by Region.

    """
    primary, standby = regions
    description = f"{name}: multi-Region key for Cognito"
    arn = _find_key(kms[primary], description) or _create_key(kms[primary], description)
    key_id = arn.rpartition("/")[2]
    if not _key_exists(kms[standby], key_id):
        kms[primary].replicate_key(KeyId=key_id, ReplicaRegion=standby, Description=description)
    arns = {}
    for region in regions:
        arns[region] = poller.wait_until(
            f"KMS key {key_id} in {region} is enabled",
            partial(_find_enabled_arn, kms[region], key_id),
        )
        _ensure_policy(kms[region], key_id, account=arn.split(":")[4])
    return arns


def _find_key(kms: "KMSClient", description: str) -> str | None:
    keys = (
        kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        for page in kms.get_paginator("list_keys").paginate()
        for key in page["Keys"]
    )
    return find_unique(
        f"enabled multi-Region keys described {description!r}",
        (
            key["Arn"]
            for key in keys
            if key.get("Description") == description and key.get("MultiRegion") and key["KeyState"] == "Enabled"
        ),
    )


def _create_key(kms: "KMSClient", description: str) -> str:
    return kms.create_key(MultiRegion=True, Description=description)["KeyMetadata"]["Arn"]


def _key_exists(kms: "KMSClient", key_id: str) -> bool:
    try:
        kms.describe_key(KeyId=key_id)
    except kms.exceptions.NotFoundException:
        return False
    return True


def _find_enabled_arn(kms: "KMSClient", key_id: str) -> str | None:
    key = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    return key["Arn"] if key["KeyState"] == "Enabled" else None


def _ensure_policy(kms: "KMSClient", key_id: str, account: str) -> None:
    """Add Cognito's statement to a key's policy, and keep the other statements."""
    policy: dict[str, Any] = json.loads(kms.get_key_policy(KeyId=key_id, PolicyName=_POLICY)["Policy"])
    statement = _build_statement(account)
    if statement in policy["Statement"]:
        return
    others = [other for other in policy["Statement"] if other.get("Sid") != _STATEMENT_ID]
    policy["Statement"] = [*others, statement]
    kms.put_key_policy(KeyId=key_id, PolicyName=_POLICY, Policy=json.dumps(policy))


def _build_statement(account: str) -> dict[str, Any]:
    return {
        "Sid": _STATEMENT_ID,
        "Effect": "Allow",
        "Principal": {"Service": ["cognito-idp.amazonaws.com", "identitystore.amazonaws.com"]},
        "Action": [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:DescribeKey",
            "kms:CreateGrant",
        ],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
