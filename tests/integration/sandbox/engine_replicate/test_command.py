"""A pool full of settings, replicated to the end by the command and its policy alone, on a running sandbox."""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import pytest

from failoverctl.exits import ExitCode
from failoverctl.replicate.settings import CHANGING
from sandbox.attached import Sandbox
from tests.integration.replicate.test_settings import EVERYTHING
from tests.integration.sandbox.engine_replicate.command import replicate, replicator, run, states

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
class Before:
    """A pool as its owner left it, and what was read of it."""

    sandbox: Sandbox
    pool_id: str
    client_id: str
    read: dict[str, Any]

    def cognito(self, side: str) -> Any:
        return self.sandbox.client("cognito-idp", self.sandbox.description[side])

    def look(self) -> dict[str, Any]:
        """Read everything that a pool's owner has set, in the primary Region."""
        cognito, pool = self.cognito("primary"), {"UserPoolId": self.pool_id}
        return {
            "pool": cognito.describe_user_pool(**pool)["UserPool"],
            "second factors": _bare(cognito.get_user_pool_mfa_config(**pool)),
            "client": cognito.describe_user_pool_client(**pool, ClientId=self.client_id)["UserPoolClient"],
            "groups": cognito.list_groups(**pool)["Groups"],
            "resource servers": cognito.list_resource_servers(**pool, MaxResults=50)["ResourceServers"],
            "identity provider": cognito.describe_identity_provider(**pool, ProviderName="partner")["IdentityProvider"],
        }

    def signs_in(self, side: str) -> bool:
        answer = self.cognito(side).initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client_id,
            AuthParameters={"USERNAME": "aiko", "PASSWORD": PASSWORD},
        )
        return "AccessToken" in answer.get("AuthenticationResult", {})


def _bare(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.fixture(scope="module")
def before(sandbox: Sandbox) -> Before:
    primary = sandbox.description["primary"]
    trigger = _function(sandbox, primary)
    settings = _with_trigger(EVERYTHING, trigger)
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
    made = Before(sandbox=sandbox, pool_id=pool_id, client_id=client_id, read={})
    made.read = made.look()
    return made


@pytest.fixture(scope="module")
def answer(before: Before) -> dict[str, Any]:
    may_replicate = replicator(before.sandbox)
    return replicate(
        before.sandbox, before.pool_id, "--apply", "--yes", "--accept-new-issuer", credentials=may_replicate
    )


def _function(sandbox: Sandbox, region: str) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("app.py", TRIGGER)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = sandbox.client("iam", region).create_role(
        RoleName="trigger", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    made = sandbox.client("lambda", region).create_function(
        FunctionName="trigger",
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return str(made["FunctionArn"])


def _with_trigger(settings: Any, arn: str) -> Any:
    """Return settings in which every function is one that is there."""
    if isinstance(settings, dict):
        return {name: _with_trigger(value, arn) for name, value in settings.items()}
    return arn if isinstance(settings, str) and ":function:" in settings else settings


def test_every_step_ends_done_and_the_answer_names_what_the_template_asks_for(
    before: Before, answer: dict[str, Any]
) -> None:
    assert set(states(answer).values()) == {"done"}
    assert answer["parameters"]["UserPoolId"] == before.pool_id
    assert set(answer["parameters"]) == {"PrimaryRegion", "UserPoolId", "ClientId", "CanarySecretArn"}


@pytest.mark.usefixtures("answer")
def test_every_setting_of_the_pool_is_as_it_was(before: Before) -> None:
    now = before.look()

    assert _kept(now["pool"]) == _kept(before.read["pool"])
    assert len(_kept(now["pool"])) > len(EVERYTHING)
    assert {what: now[what] for what in now if what != "pool"} == {
        what: before.read[what] for what in before.read if what != "pool"
    }
    assert now["pool"]["IssuerConfiguration"] == {"Type": "UPDATED"}


def _kept(pool: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in pool.items() if name not in CHANGING}


@pytest.mark.usefixtures("answer")
def test_the_replica_has_what_replicates_and_nothing_of_what_does_not(before: Before) -> None:
    pool = before.cognito("standby").describe_user_pool(UserPoolId=before.pool_id)["UserPool"]

    assert pool["Policies"] == EVERYTHING["Policies"]
    assert pool["SchemaAttributes"] == before.read["pool"]["SchemaAttributes"]
    assert pool["LambdaConfig"] == {}
    assert pool["SmsConfiguration"] == {}


@pytest.mark.parametrize("side", ["primary", "standby"])
@pytest.mark.usefixtures("answer")
def test_somebody_who_was_there_before_signs_in_in_both_regions(before: Before, side: str) -> None:
    assert before.signs_in(side)


def test_the_answer_names_what_is_left_to_do_in_the_standby_region(answer: dict[str, Any]) -> None:
    settings, factors = next(step["notes"] for step in answer["steps"] if step["name"] == "activation")

    assert "Lambda triggers, e-mail, SMS, tags" in settings
    assert "authenticator app (TOTP) can't sign in on the replica" in factors


def test_who_may_not_look_at_keys_is_told_so(before: Before) -> None:
    credentials = replicator(before.sandbox, without="ReplicateTheKeyAndLetCognitoUseIt")

    ended = run(before.sandbox, before.pool_id, credentials=credentials)

    assert ended.returncode == ExitCode.UNREACHABLE
    assert "key: your credentials don't allow this" in ended.stdout


@pytest.mark.usefixtures("answer")
def test_a_second_run_finds_all_done(before: Before) -> None:
    again = replicate(before.sandbox, before.pool_id)

    assert again["done"]
