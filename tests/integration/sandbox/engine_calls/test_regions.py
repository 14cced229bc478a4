"""The Region that answers a call, by address, signature and connection."""

import json
import socket
import ssl
from http.client import HTTPSConnection
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.client import SandboxClient

TOKYO, VIRGINIA, IRELAND = "ap-northeast-1", "us-east-1", "eu-west-1"
PASSWORD = "Correct-horse-7"


def sign_in(sandbox: SandboxClient, region: str, client_id: str) -> dict[str, Any]:
    result: dict[str, Any] = sandbox.client("cognito-idp", region, unsigned=True).initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "person", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return result


@pytest.fixture(scope="module")
def client_id(sandbox: SandboxClient) -> str:
    """Return a client of a pool with one user, in Tokyo only."""
    cognito = sandbox.client("cognito-idp", TOKYO)
    pool_id = cognito.create_user_pool(PoolName="regions")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="person", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="person", Password=PASSWORD, Permanent=True)
    return str(client)


def call_target(sandbox: SandboxClient, region: str, host: str, operation: str, body: object) -> tuple[int, Any]:
    """Call a Region's target by its address, with one of its host names."""
    context = ssl.create_default_context(cafile=sandbox.certificate)
    address = (sandbox.network.get_target_address(region), sandbox.description["ports"]["https"])
    connection = HTTPSConnection(host, context=context)
    connection.sock = context.wrap_socket(socket.create_connection(address, timeout=5), server_hostname=host)
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
    }
    connection.request("POST", "/", json.dumps(body), headers)
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


def test_unsigned_call_reaches_the_region_of_its_address(sandbox: SandboxClient, client_id: str) -> None:
    assert sign_in(sandbox, TOKYO, client_id)["IdToken"]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        sign_in(sandbox, VIRGINIA, client_id)


@pytest.mark.parametrize("service", ["dynamodb", "sns", "s3", "secretsmanager"])
def test_signature_for_another_region_is_rejected(sandbox: SandboxClient, service: str) -> None:
    misdirected = sandbox.client(service, IRELAND)
    misdirected.meta.events.register(
        "before-send",
        lambda request, **_: setattr(
            request,
            "url",
            request.url.replace(sandbox.network.get_api_address(IRELAND), sandbox.network.get_api_address(TOKYO)),
        ),
    )
    calls = {"dynamodb": "list_tables", "sns": "list_topics", "s3": "list_buckets", "secretsmanager": "list_secrets"}
    with pytest.raises(ClientError, match=r"scoped to a valid region|expecting 'ap-northeast-1'"):
        getattr(misdirected, calls[service])()


def test_third_regions_answer_calls(sandbox: SandboxClient) -> None:
    for region in (IRELAND, "us-west-2"):
        assert sandbox.client("sts", region).get_caller_identity()["Account"] == sandbox.description["account"]


def test_unknown_credential_is_rejected(sandbox: SandboxClient) -> None:
    unknown_client = sandbox.client(
        "dynamodb", TOKYO, credentials={"AWS_ACCESS_KEY_ID": "AKIANOBODY", "AWS_SECRET_ACCESS_KEY": "x"}
    )
    with pytest.raises(ClientError, match="security token"):
        unknown_client.list_tables()


def test_wrong_secret_is_rejected(sandbox: SandboxClient) -> None:
    iam = sandbox.client("iam", VIRGINIA)
    iam.create_user(UserName="clerk")
    key = iam.create_access_key(UserName="clerk")["AccessKey"]
    credentials = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": "guessed"}
    with pytest.raises(ClientError, match="signature"):
        sandbox.client("dynamodb", TOKYO, credentials=credentials).list_tables()


def test_target_forwards_user_operations(sandbox: SandboxClient, client_id: str) -> None:
    body = {
        "ClientId": client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "person", "PASSWORD": PASSWORD},
    }
    status, answer = call_target(sandbox, TOKYO, "auth.example.com", "InitiateAuth", body)
    assert status == 200
    assert answer["AuthenticationResult"]["IdToken"]


def test_target_forwards_cognito_errors(sandbox: SandboxClient, client_id: str) -> None:
    body = {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "person"}}
    status, answer = call_target(sandbox, VIRGINIA, "standby.target.example.com", "InitiateAuth", body)
    assert (status, answer["__type"]) == (400, "ResourceNotFoundException")


def test_target_rejects_admin_operations(sandbox: SandboxClient) -> None:
    status, _ = call_target(sandbox, TOKYO, "auth.example.com", "AdminGetUser", {})
    assert status == 403


def test_target_has_a_certificate_for_its_own_names_only(sandbox: SandboxClient) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        call_target(sandbox, TOKYO, "other.example.com", "InitiateAuth", {})


def test_nothing_listens_beyond_loopback(sandbox: SandboxClient) -> None:
    """Assert from the kernel's table that all listening sockets are on the sandbox's network."""
    with open("/proc/net/tcp") as table:  # noqa: PTH123 - a kernel interface
        listening = [line.split()[1] for line in table.readlines()[1:] if line.split()[3] == "0A"]
    ports = {f"{port:04X}" for port in sandbox.description["ports"].values()}
    addresses = [entry.split(":")[0] for entry in listening if entry.split(":")[1] in ports]
    assert addresses
    assert all(address.endswith("7F") for address in addresses)  # little-endian 127.x.x.x
