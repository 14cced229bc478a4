"""An existing pool keeps every setting that is not to change, whatever there is to set."""

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
"""Set by what took its place; the service refuses both at once."""


def make_context(harness: ReplicateHarness, pool_id: str) -> ReplicationContext:
    wish = ReplicationSpec(pool_id=pool_id, primary_region=PRIMARY, standby_region=STANDBY)
    return ReplicationContext(spec=wish, get_client=harness.cloud.client)


def create_replica_key_and_issuer(at: ReplicationContext) -> None:
    for step in build_steps(at.spec):
        if isinstance(step, CanaryClient):
            return
        if step.description.name != "replica" and step.inspect(at.with_empty_cache()).state is StepState.CHANGE:
            step.apply(at.with_empty_cache())


def list_unset_members(shape: Any, example: Any, path: str = "") -> list[str]:
    """Return the members of a shape, at any depth, that an example doesn't set."""
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
    shown = get_shape(harness, "DescribeUserPool").output_shape.members["UserPool"].members

    assert set(update) - set(shown) == {"UserPoolId", "PoolName"}
    assert {name for name in update if name in shown and update[name].name != shown[name].name} == set()


def test_pool_with_every_setting_is_unchanged(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool(**EVERYTHING)
    harness.cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="OPTIONAL"
    )
    before, factors = harness.describe_pool(pool_id), harness.cognito.get_user_pool_mfa_config(UserPoolId=pool_id)

    create_replica_key_and_issuer(make_context(harness, pool_id))

    after = harness.describe_pool(pool_id)
    assert {name: after[name] for name in EVERYTHING} == EVERYTHING
    assert {n: v for n, v in after.items() if n not in CHANGEABLE_SETTINGS} == {
        n: v for n, v in before.items() if n not in CHANGEABLE_SETTINGS
    }
    assert after["IssuerConfiguration"] == {"Type": "UPDATED"}
    assert after["KeyConfiguration"]["KeyType"] == "CUSTOMER_MANAGED_KEY"
    again = harness.cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
    assert again["SoftwareTokenMfaConfiguration"] == factors["SoftwareTokenMfaConfiguration"]


def test_pool_without_settings_is_unchanged(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool()
    before = harness.describe_pool(pool_id)

    create_replica_key_and_issuer(make_context(harness, pool_id))

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

    with pytest.raises(FailoverctlError) as lost:
        create_replica_key_and_issuer(make_context(harness, pool_id))

    assert f"{setting!r}: {EVERYTHING[setting]!r}" in str(lost.value)


def test_setting_unknown_to_boto3_is_rejected_not_reset(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool()
    get_stored_pool(harness.cloud)["NewerSetting"] = {"Type": "of tomorrow"}
    harness.pop_write_calls()

    result = harness.replicate_pool(pool_id)

    assert result.exit_code == 1
    assert "doesn't know these settings of the pool: NewerSetting" in result.stderr
    assert harness.pop_write_calls() == []
