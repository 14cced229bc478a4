"""The break-glass script of the latches, against the sandbox's S3."""

import sys
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.routing.latch.s3_switch import THROWN_TOKEN, S3LatchSwitch
from scripts import break_glass_latch
from tests.integration.routing.latch.test_switch_contract import get_bucket_name, make_s3_client
from tests.integration.sandbox_cognito.cloud import STANDBY, InProcessCloud


@dataclass
class LatchScriptOperator:
    """A person who runs the script: the output and the typed answer."""

    s3: Any
    bucket: str
    typed_answer: str
    output_lines: list[str] = field(default_factory=list)

    def run(self, *extra: str, to: str = "standby") -> int:
        """Run the script and return its exit code."""
        return break_glass_latch.main(
            ["--bucket", self.bucket, "--region", STANDBY, "--to", to, *extra],
            client=self.s3,
            print_line=self.output_lines.append,
            prompt=self._answer_prompt,
        )

    @property
    def output(self) -> str:
        """Everything that was printed."""
        return "\n".join(self.output_lines)

    def make_switch(self, latch: SteeredName) -> S3LatchSwitch:
        """Return the controller's switch of a latch."""
        return S3LatchSwitch(lambda: self.s3, bucket=self.bucket, key=latch)

    @property
    def thrown_latches(self) -> set[str]:
        """The latches that the controller finds thrown."""
        return {latch.value for latch in SteeredName if self.make_switch(latch).refresh(thrown=False)}

    def make_operation_fail(self, operation: str, error: Exception, *, on: str = "") -> None:
        """Make an operation fail, for one key or for all."""

        def refuse(params: dict[str, Any], **_: Any) -> None:
            if not on or params["Key"] == on:
                raise error

        self.s3.meta.events.register_first(f"provide-client-params.s3.{operation}", refuse)

    def _answer_prompt(self, question: str) -> str:
        self.output_lines.append(question)
        return self.typed_answer


@pytest.fixture
def operator(cloud: InProcessCloud) -> LatchScriptOperator:
    s3 = make_s3_client(cloud)
    s3.create_bucket(Bucket=get_bucket_name(cloud))
    return LatchScriptOperator(s3, get_bucket_name(cloud), typed_answer="standby")


def make_client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "No."}}, "Operation")


def test_both_latches_are_thrown_as_by_controller(operator: LatchScriptOperator) -> None:
    assert operator.run() == 0

    assert operator.thrown_latches == {"records", "domain"}
    stored = operator.s3.get_object(Bucket=operator.bucket, Key="records")
    assert (stored["Body"].read().decode(), stored["ServerSideEncryption"]) == (THROWN_TOKEN, "AES256")
    assert f"s3://{operator.bucket}/domain  released  ==>  thrown    (moves Cognito's own domain)" in operator.output
    assert "Type standby to move users there" in operator.output
    assert "waits until you acknowledge this change" in operator.output


def test_token_matches_health_check_search_string() -> None:
    assert break_glass_latch.OBJECT_TOKEN == THROWN_TOKEN
    assert set(break_glass_latch.LATCHES) == {latch.value for latch in SteeredName}


def test_latch_thrown_by_controller_is_released(operator: LatchScriptOperator) -> None:
    for latch in SteeredName:
        operator.make_switch(latch).set(thrown=True, revision="", version=1)
    operator.typed_answer = "primary"

    assert operator.run(to="primary") == 0

    assert operator.thrown_latches == set()
    assert "users return to the primary only if" in operator.output


def test_latch_released_by_controller_is_thrown_without_condition(operator: LatchScriptOperator) -> None:
    for latch in SteeredName:
        operator.make_switch(latch).set(thrown=False, revision="", version=1)

    assert operator.run("--yes") == 0

    assert operator.thrown_latches == {"records", "domain"}


def test_single_latch_leaves_other_unchanged(operator: LatchScriptOperator) -> None:
    assert operator.run("--only", "domain", "--yes") == 0

    assert operator.thrown_latches == {"domain"}


def test_latch_already_in_place_is_unchanged(operator: LatchScriptOperator) -> None:
    assert operator.run("--only", "records", "--yes") == 0
    assert operator.run("--yes") == 0
    assert f"s3://{operator.bucket}/records  thrown  no change" in operator.output

    assert operator.run() == 0
    assert "Nothing to change: all are thrown already." in operator.output


def test_object_without_token_is_not_a_thrown_latch(operator: LatchScriptOperator) -> None:
    operator.s3.put_object(Bucket=operator.bucket, Key="records", Body=b"something else")

    assert operator.run("--yes") == 0

    assert operator.thrown_latches == {"records", "domain"}


def test_dry_run_changes_nothing(operator: LatchScriptOperator) -> None:
    assert operator.run("--dry-run") == 0

    assert operator.thrown_latches == set()
    assert "Nothing was changed." in operator.output


def test_wrong_confirmation_changes_nothing(operator: LatchScriptOperator) -> None:
    operator.typed_answer = "yes"

    assert operator.run() == 1

    assert operator.thrown_latches == set()


def test_failing_latch_does_not_stop_the_other(operator: LatchScriptOperator) -> None:
    operator.make_operation_fail("PutObject", make_client_error("AccessDenied"), on="records")

    assert operator.run("--yes") == 2

    assert operator.thrown_latches == {"domain"}
    assert "records: UNKNOWN, may not be thrown: AccessDenied: No." in operator.output


def test_no_latch_thrown_exits_as_failed(operator: LatchScriptOperator) -> None:
    operator.make_operation_fail("PutObject", make_client_error("SlowDown"))

    assert operator.run("--yes") == 1
    assert "Run this again: a repeat is safe." in operator.output


@pytest.mark.parametrize("code", ["InvalidRequest", "SignatureDoesNotMatch"])
def test_certain_refusal_is_not_called_safe_to_repeat(operator: LatchScriptOperator, code: str) -> None:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    operator.make_operation_fail("PutObject", ClientError(response, "PutObject"))

    assert operator.run("--yes") == 1
    assert "S3 refuses this, and a repeat is refused, too." in operator.output
    assert "a repeat is safe" not in operator.output


def test_unchanged_readback_is_reported(operator: LatchScriptOperator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator.s3, "put_object", lambda **_: None)

    assert operator.run("--yes") == 1
    assert "records: NOT thrown: the object has not changed" in operator.output


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("NoSuchBucket", "It is the output LatchBucketName"),
        ("AccessDenied", "permissions that --help names"),
        ("PermanentRedirect", f"is not in {STANDBY}. Check --region"),
        ("ExpiredToken", "Sign in again"),
    ],
)
def test_s3_error_is_reported_with_hint(operator: LatchScriptOperator, code: str, hint: str) -> None:
    operator.make_operation_fail("GetObject", make_client_error(code))

    assert operator.run() == 1
    assert hint in operator.output


@pytest.mark.parametrize("failure", [ConnectTimeoutError, EndpointConnectionError])
def test_s3_timeout_is_reported(operator: LatchScriptOperator, failure: type[BotoCoreError]) -> None:
    operator.make_operation_fail("GetObject", failure(endpoint_url="https://s3.us-east-1.amazonaws.com"))

    assert operator.run() == 1
    assert f"S3 in {STANDBY} does not answer." in operator.output


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, EOFError])
def test_interrupt_by_operator_changes_nothing(
    operator: LatchScriptOperator, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    def stop(_: str) -> str:
        raise interruption

    monkeypatch.setattr(operator, "_answer_prompt", stop)

    assert operator.run() == 1
    assert operator.thrown_latches == set()


def test_missing_boto3_prints_install_hint(operator: LatchScriptOperator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    arguments = ["--bucket", operator.bucket, "--region", STANDBY, "--to", "standby"]

    assert break_glass_latch.main(arguments, print_line=operator.output_lines.append) == 1
    assert "pip install boto3" in operator.output
