"""An existing pool keeps all settings except its key and issuer."""

from typing import Any

import pytest

from failoverctl.exit_codes import FailoverctlError
from failoverctl.replicate.canary import CanaryClient
from failoverctl.replicate.context import ReplicationContext
from failoverctl.replicate.engine import build_steps
from failoverctl.replicate.spec import ReplicationSpec
from failoverctl.replicate.step import StepState
from failoverctl.replicate.update_settings import CHANGEABLE_SETTINGS, list_update_members
from tests.integration.replicate.engine_state import get_stored_pool
from tests.integration.replicate.replicate_harness import ReplicateHarness
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY

FUNCTION = f"arn:aws:lambda:{PRIMARY}:123456789012:function:trigger"
ROLE = "arn:aws:iam::123456789012:role/sms"
VERSIONED = {"LambdaVersion": "V1_0", "LambdaArn": FUNCTION}
PLAIN_TRIGGERS = (
    "PreSignUp",
    "CustomMessage",
    "PostConfirmation",
    "PreAuthentication",
    "PostAuthentication",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
    "PreTokenGeneration",
    "UserMigration",
)
EVERYTHING: dict[str, Any] = {
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    "AcrConfiguration": {"Level2": {"AcrValue": "urn:example:strong"}},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": True,
        "InviteMessageTemplate": {
            "SMSMessage": "{username} {####}",
            "EmailMessage": "Welcome {username} {####}",
            "EmailSubject": "Welcome",
        },
    },
    "AutoVerifiedAttributes": ["email"],
    "DcrConfiguration": {
        "EnableStatus": "Enabled",
        "OpenDcrEnabled": True,
        "AuthenticatedGrantTypes": ["code"],
        "OpenDcrGrantTypes": ["code"],
        "AllowedScopes": ["openid"],
    },
    "DeletionProtection": "ACTIVE",
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False},
    "EmailConfiguration": {
        "SourceArn": f"arn:aws:ses:{PRIMARY}:123456789012:identity/example.com",
        "ReplyToEmailAddress": "help@example.com",
        "EmailSendingAccount": "DEVELOPER",
        "From": "Sign-in <no-reply@example.com>",
        "ConfigurationSet": "sign-in",
    },
    "EmailVerificationMessage": "Your code is {####}",
    "EmailVerificationSubject": "Your code",
    "LambdaConfig": {
        **dict.fromkeys(PLAIN_TRIGGERS, FUNCTION),
        "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": FUNCTION},
        "CustomSMSSender": VERSIONED,
        "CustomEmailSender": VERSIONED,
        "InboundFederation": VERSIONED,
        "KMSKeyID": f"arn:aws:kms:{PRIMARY}:123456789012:key/11111111-2222-3333-4444-555555555555",
    },
    "MfaConfiguration": "OPTIONAL",
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 12,
            "RequireUppercase": False,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": False,
            "PasswordHistorySize": 3,
            "TemporaryPasswordValidityDays": 3,
        },
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]},
    },
    "SmsAuthenticationMessage": "Your code is {####}",
    "SmsConfiguration": {
        "SnsCallerArn": ROLE,
        "ExternalId": "external",
        "SnsRegion": PRIMARY,
        "EumsSms": {
            "CallerArn": ROLE,
            "ExternalId": "external",
            "OriginationIdentity": "identity",
            "ConfigurationSetName": "set",
            "InEntityId": "entity",
            "InTemplateId": "template",
            "Region": PRIMARY,
        },
    },
    "SmsVerificationMessage": "Your code is {####}",
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "UserPoolAddOns": {
        "AdvancedSecurityMode": "AUDIT",
        "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"},
    },
    "UserPoolTags": {"team": "identity"},
    "UserPoolTier": "PLUS",
    "VerificationMessageTemplate": {
        "SmsMessage": "Your code is {####}",
        "EmailMessage": "Your code is {####}",
        "EmailSubject": "Your code",
        "EmailMessageByLink": "Please {##verify##}",
        "EmailSubjectByLink": "Your link",
        "DefaultEmailOption": "CONFIRM_WITH_LINK",
    },
}
DEPRECATED = {"UnusedAccountValidityDays"}
"""Replaced by another setting. The service refuses both together."""


def make_context(harness: ReplicateHarness, pool_id: str) -> ReplicationContext:
    spec = ReplicationSpec(pool_id=pool_id, primary_region=PRIMARY, standby_region=STANDBY)
    return ReplicationContext(spec=spec, get_client=harness.cloud.client)


def apply_key_and_issuer_steps(context: ReplicationContext) -> None:
    for step in build_steps(context.spec):
        if isinstance(step, CanaryClient):
            return
        if step.description.name != "replica" and step.inspect(context.with_empty_cache()).state is StepState.CHANGE:
            step.apply(context.with_empty_cache())


def list_unset_members(shape: Any, example: Any, path: str = "") -> list[str]:
    """Return the members of a shape, at any depth, that an example does not set."""
    missing = []
    for name, member in shape.members.items():
        if name in DEPRECATED:
            continue
        if name not in example:
            missing.append(f"{path}{name}")
        elif member.type_name == "structure":
            missing += list_unset_members(member, example[name], f"{path}{name}.")
    return missing


def get_shape(harness: ReplicateHarness, operation: str) -> Any:
    return harness.cognito.meta.service_model.operation_model(operation)


def test_example_sets_every_member_known_to_boto3(harness: ReplicateHarness) -> None:
    update = get_shape(harness, "UpdateUserPool").input_shape

    assert set(list_unset_members(update, EVERYTHING)) == {
        "UserPoolId",
        "PoolName",
        "KeyConfiguration",
        "IssuerConfiguration",
    }


def test_described_settings_are_valid_update_input(harness: ReplicateHarness) -> None:
    update = get_shape(harness, "UpdateUserPool").input_shape.members
    described = get_shape(harness, "DescribeUserPool").output_shape.members["UserPool"].members

    assert set(update) - set(described) == {"UserPoolId", "PoolName"}
    assert {name for name in update if name in described and update[name].name != described[name].name} == set()


def test_pool_with_every_setting_keeps_its_settings(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool(**EVERYTHING)
    harness.cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="OPTIONAL"
    )
    before, mfa_before = harness.describe_pool(pool_id), harness.cognito.get_user_pool_mfa_config(UserPoolId=pool_id)

    apply_key_and_issuer_steps(make_context(harness, pool_id))

    after = harness.describe_pool(pool_id)
    assert {name: after[name] for name in EVERYTHING} == EVERYTHING
    assert {n: v for n, v in after.items() if n not in CHANGEABLE_SETTINGS} == {
        n: v for n, v in before.items() if n not in CHANGEABLE_SETTINGS
    }
    assert after["IssuerConfiguration"] == {"Type": "UPDATED"}
    assert after["KeyConfiguration"]["KeyType"] == "CUSTOMER_MANAGED_KEY"
    mfa_after = harness.cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
    assert mfa_after["SoftwareTokenMfaConfiguration"] == mfa_before["SoftwareTokenMfaConfiguration"]


def test_pool_without_settings_keeps_its_settings(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool()
    before = harness.describe_pool(pool_id)

    apply_key_and_issuer_steps(make_context(harness, pool_id))

    after = harness.describe_pool(pool_id)
    assert set(before) == set(after)
    assert after["Policies"] == before["Policies"]


@pytest.mark.parametrize("setting", ["UserPoolTags", "DeletionProtection"])
def test_setting_lost_during_update_is_reported_with_old_value(
    harness: ReplicateHarness, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool_id = harness.create_pool(**EVERYTHING)
    members = list_update_members(harness.cognito) - {setting}
    monkeypatch.setattr("failoverctl.replicate.pool.list_update_members", lambda _cognito: members)

    with pytest.raises(FailoverctlError) as raised:
        apply_key_and_issuer_steps(make_context(harness, pool_id))

    assert f"{setting!r}: {EVERYTHING[setting]!r}" in str(raised.value)


def test_setting_unknown_to_boto3_is_rejected_not_reset(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool()
    get_stored_pool(harness.cloud)["NewerSetting"] = {"Type": "unknown to boto3"}
    harness.pop_write_calls()

    result = harness.replicate_pool(pool_id)

    assert result.exit_code == 1
    assert "does not know these settings of the pool: NewerSetting" in result.stderr
    assert harness.pop_write_calls() == []
