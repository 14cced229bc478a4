"""A pool with many settings, replicated by the command with only its policy."""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import pytest

from failoverctl.exit_codes import ExitCode
from failoverctl.replicate.update_settings import CHANGEABLE_SETTINGS
from sandbox.client import SandboxClient
from tests.integration.replicate.test_settings import EVERYTHING
from tests.integration.sandbox.engine_replicate.command import (
    create_replicator,
    parse_step_states,
    replicate_to_completion,
    run_replicate,
)

PASSWORD = "Correct-Horse-9-Battery"
SCHEMA = [
    {"Name": "loyalty", "AttributeDataType": "String", "Mutable": True},
    {"Name": "points", "AttributeDataType": "Number", "Mutable": True},
]
TRIGGER = "def handler(event, context):\n    return event\n"
IDENTITY_PROVIDER = {
    "ProviderName": "partner",
    "ProviderType": "OIDC",
    "ProviderDetails": {
        "client_id": "partner",
        "client_secret": "not-a-real-one",
        "attributes_request_method": "GET",
        "oidc_issuer": "https://partner.example.com",
        "authorize_scopes": "openid",
    },
}


@dataclass
class ReplicationHarness:
    """A pool, and its settings before replication."""

    sandbox: SandboxClient
    pool_id: str
    client_id: str
    settings_before: dict[str, Any]

    def build_cognito_client(self, role: str) -> Any:
        return self.sandbox.client("cognito-idp", self.sandbox.description[role])

    def read_settings(self) -> dict[str, Any]:
        """Return all settings of the pool in the primary Region."""
        cognito, pool = self.build_cognito_client("primary"), {"UserPoolId": self.pool_id}
        return {
            "pool": cognito.describe_user_pool(**pool)["UserPool"],
            "second factors": _drop_metadata(cognito.get_user_pool_mfa_config(**pool)),
            "client": cognito.describe_user_pool_client(**pool, ClientId=self.client_id)["UserPoolClient"],
            "groups": cognito.list_groups(**pool)["Groups"],
            "resource servers": cognito.list_resource_servers(**pool, MaxResults=50)["ResourceServers"],
            "identity provider": cognito.describe_identity_provider(**pool, ProviderName="partner")["IdentityProvider"],
        }

    def can_sign_in(self, role: str) -> bool:
        answer = self.build_cognito_client(role).initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client_id,
            AuthParameters={"USERNAME": "aiko", "PASSWORD": PASSWORD},
        )
        return "AccessToken" in answer.get("AuthenticationResult", {})


def _drop_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.fixture(scope="module")
def before(sandbox: SandboxClient) -> ReplicationHarness:
    primary = sandbox.description["primary"]
    trigger = _create_function(sandbox, primary)
    settings = _replace_functions(EVERYTHING, trigger)
    cognito = sandbox.client("cognito-idp", primary)
    pool_id = cognito.create_user_pool(PoolName="full", Schema=SCHEMA, **settings)["UserPool"]["Id"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="OPTIONAL"
    )
    cognito.create_resource_server(
        UserPoolId=pool_id,
        Identifier="orders",
        Name="orders",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "Read orders"}],
    )
    cognito.create_identity_provider(UserPoolId=pool_id, **IDENTITY_PROVIDER)
    cognito.create_group(UserPoolId=pool_id, GroupName="staff", Precedence=3)
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="web", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="aiko", TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="aiko", Password=PASSWORD, Permanent=True)
    harness = ReplicationHarness(sandbox=sandbox, pool_id=pool_id, client_id=client_id, settings_before={})
    harness.settings_before = harness.read_settings()
    return harness


@pytest.fixture(scope="module")
def answer(before: ReplicationHarness) -> dict[str, Any]:
    may_replicate = create_replicator(before.sandbox)
    return replicate_to_completion(
        before.sandbox, before.pool_id, "--apply", "--yes", "--accept-new-issuer", credentials=may_replicate
    )


def _create_function(sandbox: SandboxClient, region: str) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("app.py", TRIGGER)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = sandbox.client("iam", region).create_role(
        RoleName="trigger", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    harness = sandbox.client("lambda", region).create_function(
        FunctionName="trigger",
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return str(harness["FunctionArn"])


def _replace_functions(settings: Any, arn: str) -> Any:
    """Return settings in which all Lambda functions exist."""
    if isinstance(settings, dict):
        return {name: _replace_functions(value, arn) for name, value in settings.items()}
    return arn if isinstance(settings, str) and ":function:" in settings else settings


def test_all_steps_done_and_answer_names_template_parameters(
    before: ReplicationHarness, answer: dict[str, Any]
) -> None:
    assert set(parse_step_states(answer).values()) == {"done"}
    assert answer["parameters"]["UserPoolId"] == before.pool_id
    assert set(answer["parameters"]) == {"PrimaryRegion", "UserPoolId", "ClientId", "CanarySecretArn"}


@pytest.mark.usefixtures("answer")
def test_replicate_preserves_every_pool_setting(before: ReplicationHarness) -> None:
    now = before.read_settings()

    assert _drop_changing(now["pool"]) == _drop_changing(before.settings_before["pool"])
    assert len(_drop_changing(now["pool"])) > len(EVERYTHING)
    assert {what: now[what] for what in now if what != "pool"} == {
        what: before.settings_before[what] for what in before.settings_before if what != "pool"
    }
    assert now["pool"]["IssuerConfiguration"] == {"Type": "UPDATED"}


def _drop_changing(pool: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in pool.items() if name not in CHANGEABLE_SETTINGS}


@pytest.mark.usefixtures("answer")
def test_replica_has_only_replicated_settings(before: ReplicationHarness) -> None:
    pool = before.build_cognito_client("standby").describe_user_pool(UserPoolId=before.pool_id)["UserPool"]

    assert pool["Policies"] == EVERYTHING["Policies"]
    assert pool["SchemaAttributes"] == before.settings_before["pool"]["SchemaAttributes"]
    assert pool["LambdaConfig"] == {}
    assert pool["SmsConfiguration"] == {}


@pytest.mark.parametrize("role", ["primary", "standby"])
@pytest.mark.usefixtures("answer")
def test_existing_user_signs_in_in_both_regions(before: ReplicationHarness, role: str) -> None:
    assert before.can_sign_in(role)


def test_answer_lists_remaining_standby_settings(answer: dict[str, Any]) -> None:
    settings, factors = next(step["notes"] for step in answer["steps"] if step["name"] == "activation")

    assert "Lambda triggers, e-mail, SMS, tags" in settings
    assert "authenticator app (TOTP) can't sign in on the replica" in factors


def test_missing_key_permission_is_reported(before: ReplicationHarness) -> None:
    credentials = create_replicator(before.sandbox, without="ReplicateTheKeyAndLetCognitoUseIt")

    ended = run_replicate(before.sandbox, before.pool_id, credentials=credentials)

    assert ended.returncode == ExitCode.UNREACHABLE
    assert "key: your credentials don't allow this" in ended.stdout


@pytest.mark.usefixtures("answer")
def test_second_run_finds_all_steps_done(before: ReplicationHarness) -> None:
    again = replicate_to_completion(before.sandbox, before.pool_id)

    assert again["done"]
