"""An existing pool keeps every setting that is not to change, whatever there is to set."""

from typing import Any

import pytest

from failoverctl.exits import FailoverctlError
from failoverctl.replicate.canary import CanaryClient
from failoverctl.replicate.engine import steps
from failoverctl.replicate.settings import CHANGING, members_of_update
from failoverctl.replicate.site import Site
from failoverctl.replicate.step import State
from failoverctl.replicate.wish import Wish
from tests.integration.replicate.held import held_pool
from tests.integration.replicate.stage import Stage
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


def site(stage: Stage, pool_id: str) -> Site:
    wish = Wish(pool_id=pool_id, primary=PRIMARY, standby=STANDBY)
    return Site(wish=wish, client=stage.cloud.client)


def make_as_far_as_the_issuer(at: Site) -> None:
    for step in steps(at.wish):
        if isinstance(step, CanaryClient):
            return
        if step.meaning.name != "replica" and step.look(at.anew()).state is State.CHANGE:
            step.change(at.anew())


def unset(shape: Any, example: Any, path: str = "") -> list[str]:
    """Return the members of a shape, at any depth, that an example doesn't set."""
    missing = []
    for name, member in shape.members.items():
        if name in DEPRECATED:
            continue
        if name not in example:
            missing.append(f"{path}{name}")
        elif member.type_name == "structure":
            missing += unset(member, example[name], f"{path}{name}.")
    return missing


def shape_of(stage: Stage, operation: str) -> Any:
    return stage.cognito.meta.service_model.operation_model(operation)


def test_the_example_sets_all_that_boto3_knows(stage: Stage) -> None:
    update = shape_of(stage, "UpdateUserPool").input_shape

    assert set(unset(update, EVERYTHING)) == {"UserPoolId", "PoolName", "KeyConfiguration", "IssuerConfiguration"}


def test_what_is_shown_has_the_form_that_an_update_takes(stage: Stage) -> None:
    update = shape_of(stage, "UpdateUserPool").input_shape.members
    shown = shape_of(stage, "DescribeUserPool").output_shape.members["UserPool"].members

    assert set(update) - set(shown) == {"UserPoolId", "PoolName"}
    assert {name for name in update if name in shown and update[name].name != shown[name].name} == set()


def test_a_pool_with_every_setting_set_comes_out_unchanged(stage: Stage) -> None:
    pool_id = stage.pool(**EVERYTHING)
    stage.cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="OPTIONAL"
    )
    before, factors = stage.described(pool_id), stage.cognito.get_user_pool_mfa_config(UserPoolId=pool_id)

    make_as_far_as_the_issuer(site(stage, pool_id))

    after = stage.described(pool_id)
    assert {name: after[name] for name in EVERYTHING} == EVERYTHING
    assert {n: v for n, v in after.items() if n not in CHANGING} == {
        n: v for n, v in before.items() if n not in CHANGING
    }
    assert after["IssuerConfiguration"] == {"Type": "UPDATED"}
    assert after["KeyConfiguration"]["KeyType"] == "CUSTOMER_MANAGED_KEY"
    again = stage.cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
    assert again["SoftwareTokenMfaConfiguration"] == factors["SoftwareTokenMfaConfiguration"]


def test_a_pool_with_nothing_set_comes_out_unchanged(stage: Stage) -> None:
    pool_id = stage.pool()
    before = stage.described(pool_id)

    make_as_far_as_the_issuer(site(stage, pool_id))

    after = stage.described(pool_id)
    assert set(before) == set(after)
    assert after["Policies"] == before["Policies"]


@pytest.mark.parametrize("setting", ["UserPoolTags", "DeletionProtection"])
def test_a_setting_that_is_lost_on_the_way_is_told_with_what_it_was(
    stage: Stage, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool_id = stage.pool(**EVERYTHING)
    members = members_of_update(stage.cognito) - {setting}
    monkeypatch.setattr("failoverctl.replicate.pool.members_of_update", lambda _cognito: members)

    with pytest.raises(FailoverctlError) as lost:
        make_as_far_as_the_issuer(site(stage, pool_id))

    assert f"{setting!r}: {EVERYTHING[setting]!r}" in str(lost.value)


def test_a_setting_that_boto3_does_not_know_is_not_reset_but_refused(stage: Stage) -> None:
    pool_id = stage.pool()
    held_pool(stage.cloud)["NewerSetting"] = {"Type": "of tomorrow"}
    stage.writes()

    result = stage.replicate(pool_id)

    assert result.exit_code == 1
    assert "doesn't know these settings of the pool: NewerSetting" in result.stderr
    assert stage.writes() == []
