"""Reading the canary's secret through boto3, without a network."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.parsers import ResponseParserError
from botocore.stub import Stubber

from failover.probe.canary import CanarySecretError, Secret
from failover.probe.https import Timeouts
from failover.probe.secrets_manager import SecretsManagerReader, client_for

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:canary-AbCdEf"
VERSION = "EXAMPLE1-90ab-cdef-fedc-ba987SECRET1"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def stubbed() -> Iterator[tuple[SecretsManagerReader, Stubber]]:
    client = client_for(ARN, Timeouts(connect_seconds=1, read_seconds=2))
    with Stubber(client) as stubber:
        yield SecretsManagerReader(client, ARN), stubber


def test_the_current_version_is_read_with_its_id(stubbed: tuple[SecretsManagerReader, Stubber]) -> None:
    reader, stubber = stubbed
    stubber.add_response("get_secret_value", {"VersionId": VERSION, "SecretString": "{}"}, {"SecretId": ARN})

    assert reader.read() == Secret(version=VERSION, text="{}")


def test_a_binary_secret_is_read_as_an_empty_one(stubbed: tuple[SecretsManagerReader, Stubber]) -> None:
    reader, stubber = stubbed
    stubber.add_response("get_secret_value", {"VersionId": VERSION, "SecretBinary": b"{}"})

    assert reader.read().text == ""


def test_a_denied_secret_is_named_with_the_services_words(stubbed: tuple[SecretsManagerReader, Stubber]) -> None:
    reader, stubber = stubbed
    stubber.add_client_error("get_secret_value", "AccessDeniedException", "not authorized to GetSecretValue", 400)

    with pytest.raises(CanarySecretError, match=f"{ARN} can't be read: .*AccessDeniedException.*not authorized"):
        reader.read()


def test_a_silent_secrets_manager_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_for(ARN, Timeouts(connect_seconds=1, read_seconds=2))

    def time_out(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="https://secretsmanager.us-east-1.amazonaws.com/")

    monkeypatch.setattr(client, "get_secret_value", time_out)

    with pytest.raises(CanarySecretError, match="Connect timeout"):
        SecretsManagerReader(client, ARN).read()


def test_the_client_asks_the_secrets_region_once_and_gives_up_soon() -> None:
    client = client_for(ARN, Timeouts(connect_seconds=1, read_seconds=2))

    config = vars(client.meta.config)["_user_provided_options"]
    assert client.meta.region_name == "us-east-1"
    assert (config["connect_timeout"], config["read_timeout"]) == (1, 2)
    assert config["retries"]["total_max_attempts"] == 1


@pytest.mark.parametrize("error", [ResponseParserError('b\'{"password": "hunter2"\''), KeyError("hunter2")])
def test_an_answer_that_cannot_be_read_is_an_error_of_ours_that_holds_none_of_it(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(ARN, Timeouts(connect_seconds=1, read_seconds=2))

    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(client, "get_secret_value", fail)

    with pytest.raises(CanarySecretError, match=f"Reading the secret {ARN} failed") as raised:
        SecretsManagerReader(client, ARN).read()
    assert "hunter2" not in str(raised.value)
