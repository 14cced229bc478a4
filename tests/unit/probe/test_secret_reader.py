"""Reads of the canary's secret through botocore, without a network."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.parsers import ResponseParserError
from botocore.stub import Stubber

from cognito_failover.probe.canary_credentials import CanarySecretError, SecretValue
from cognito_failover.probe.https_client import Timeouts
from cognito_failover.probe.secret_reader import SecretsManagerReader, create_secrets_client

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:canary-AbCdEf"
VERSION = "EXAMPLE1-90ab-cdef-fedc-ba987SECRET1"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def stubbed_reader() -> Iterator[tuple[SecretsManagerReader, Stubber]]:
    client = create_secrets_client(ARN, Timeouts(connect_seconds=1, read_seconds=2))
    with Stubber(client) as stubber:
        yield SecretsManagerReader(client, ARN), stubber


def test_current_version_is_read_with_its_id(stubbed_reader: tuple[SecretsManagerReader, Stubber]) -> None:
    reader, stubber = stubbed_reader
    stubber.add_response("get_secret_value", {"VersionId": VERSION, "SecretString": "{}"}, {"SecretId": ARN})

    assert reader.read() == SecretValue(version=VERSION, text="{}")


def test_binary_secret_is_read_as_empty(stubbed_reader: tuple[SecretsManagerReader, Stubber]) -> None:
    reader, stubber = stubbed_reader
    stubber.add_response("get_secret_value", {"VersionId": VERSION, "SecretBinary": b"{}"})

    assert reader.read().text == ""


def test_access_denied_error_has_secret_arn_and_service_message(
    stubbed_reader: tuple[SecretsManagerReader, Stubber],
) -> None:
    reader, stubber = stubbed_reader
    stubber.add_client_error("get_secret_value", "AccessDeniedException", "not authorized to GetSecretValue", 400)

    with pytest.raises(CanarySecretError, match=f"{ARN} can't be read: .*AccessDeniedException.*not authorized"):
        reader.read()


def test_secrets_manager_timeout_is_canary_secret_error(monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_secrets_client(ARN, Timeouts(connect_seconds=1, read_seconds=2))

    def time_out(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="https://secretsmanager.us-east-1.amazonaws.com/")

    monkeypatch.setattr(client, "get_secret_value", time_out)

    with pytest.raises(CanarySecretError, match="Connect timeout"):
        SecretsManagerReader(client, ARN).read()


def test_client_has_secret_region_given_timeouts_and_no_retries() -> None:
    client = create_secrets_client(ARN, Timeouts(connect_seconds=1, read_seconds=2))

    config = vars(client.meta.config)["_user_provided_options"]
    assert client.meta.region_name == "us-east-1"
    assert (config["connect_timeout"], config["read_timeout"]) == (1, 2)
    assert config["retries"]["total_max_attempts"] == 1


@pytest.mark.parametrize("error", [ResponseParserError('b\'{"password": "hunter2"\''), KeyError("hunter2")])
def test_malformed_response_is_canary_secret_error_without_content(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_secrets_client(ARN, Timeouts(connect_seconds=1, read_seconds=2))

    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(client, "get_secret_value", fail)

    with pytest.raises(CanarySecretError, match=f"Reading the secret {ARN} failed") as raised:
        SecretsManagerReader(client, ARN).read()
    assert "hunter2" not in str(raised.value)
