"""Key policies that let Cognito use the key: the guide's, a published one, and those that lack an action."""

from typing import Any

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.preflight_result import CheckOutcome
from cognito_failover.preflight.readers import keys
from tests.unit.preflight.stub_facts import get_outcome

TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
ACCOUNT = "111122223333"
SERVICES = ["cognito-idp.amazonaws.com", "identitystore.amazonaws.com"]
GUIDE_ACTIONS = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKeyWithoutPlainText"]
PUBLISHED_ACTIONS = [*GUIDE_ACTIONS[:3], "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant"]


def allow(actions: list[str], condition: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"Service": SERVICES}, "Action": actions, "Condition": condition}


def build_guide_policy(region: str, actions: list[str]) -> tuple[dict[str, Any], ...]:
    """Return the two statements of Cognito's developer guide for its services."""
    pool = f"arn:aws:cognito-idp:{region}:{ACCOUNT}:userpool/{TOKYO}_Example00"
    source = {"ArnEquals": {"aws:SourceArn": [pool]}, "StringEquals": {"aws:SourceAccount": [ACCOUNT]}}
    context = {"StringLike": {"kms:EncryptionContext:aws:cognito-idp:userpool-arn": pool}}
    return allow(actions, source | context), allow(["kms:DescribeKey"], source)


def get_policy_outcome(role: RegionRole, *statements: dict[str, Any]) -> CheckOutcome:
    arn = f"arn:aws:kms:{TOKYO}:{ACCOUNT}:key/mrk-1"
    return get_outcome(f"key-policy-{role}", {keys.read_key_arn: arn, (keys.read_key_policy, role): statements})


@pytest.mark.parametrize(("role", "region"), [(RegionRole.PRIMARY, TOKYO), (RegionRole.STANDBY, VIRGINIA)])
class TestKeyPolicy:
    """The key's policy in each Region."""

    def test_policy_of_the_guide_passes(self, role: RegionRole, region: str) -> None:
        assert get_policy_outcome(role, *build_guide_policy(region, GUIDE_ACTIONS)) is CheckOutcome.PASSED

    def test_wider_published_policy_passes(self, role: RegionRole, region: str) -> None:
        del region
        published = allow(PUBLISHED_ACTIONS, {"StringEquals": {"aws:SourceAccount": ACCOUNT}})
        assert get_policy_outcome(role, published) is CheckOutcome.PASSED

    @pytest.mark.parametrize("missing", GUIDE_ACTIONS)
    def test_policy_without_one_of_the_actions_fails(self, role: RegionRole, region: str, missing: str) -> None:
        actions = [action for action in GUIDE_ACTIONS if action != missing]
        assert get_policy_outcome(role, *build_guide_policy(region, actions)) is CheckOutcome.FAILED
