"""The script for the day on which the controller and Route 53's control plane are gone, against the sandbox's S3."""

import sys
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from failover.levers.latch import LatchName
from failover.levers.latch_object import TOKEN, ObjectSwitch
from scripts import break_glass_latch
from tests.integration.latch.test_switch_contract import bucket_of, client_of_s3
from tests.integration.sandbox_cognito.cloud import STANDBY, Cloud


@dataclass
class Person:
    """Somebody who runs the script: what they see and what they type."""

    s3: Any
    bucket: str
    types: str
    seen: list[str] = field(default_factory=list)

    def run(self, *extra: str, to: str = "standby") -> int:
        """Run the script and return its exit code."""
        return break_glass_latch.main(
            ["--bucket", self.bucket, "--region", STANDBY, "--to", to, *extra],
            client=self.s3,
            say=self.seen.append,
            ask=self._answer,
        )

    @property
    def screen(self) -> str:
        """Everything that was printed."""
        return "\n".join(self.seen)

    def switch(self, latch: LatchName) -> ObjectSwitch:
        """Return a latch as the controller has it."""
        return ObjectSwitch(lambda: self.s3, bucket=self.bucket, key=latch)

    @property
    def thrown(self) -> set[str]:
        """The latches that the controller finds thrown."""
        return {latch.value for latch in LatchName if self.switch(latch).keep(thrown=False)}

    def fails(self, operation: str, error: Exception, *, on: str = "") -> None:
        """Have an operation fail from now on, for one key or for all."""

        def refuse(params: dict[str, Any], **_: Any) -> None:
            if not on or params["Key"] == on:
                raise error

        self.s3.meta.events.register_first(f"provide-client-params.s3.{operation}", refuse)

    def _answer(self, question: str) -> str:
        self.seen.append(question)
        return self.types


@pytest.fixture
def person(cloud: Cloud) -> Person:
    s3 = client_of_s3(cloud)
    s3.create_bucket(Bucket=bucket_of(cloud))
    return Person(s3, bucket_of(cloud), types="standby")


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "No."}}, "Operation")


def test_it_throws_both_latches_as_the_controller_would(person: Person) -> None:
    assert person.run() == 0

    assert person.thrown == {"records", "domain"}
    found = person.s3.get_object(Bucket=person.bucket, Key="records")
    assert (found["Body"].read().decode(), found["ServerSideEncryption"]) == (TOKEN, "AES256")
    assert f"s3://{person.bucket}/domain  released  ==>  thrown    (moves Cognito's own domain)" in person.screen
    assert "Type standby to send users there" in person.screen
    assert "moves nothing until it is acknowledged" in person.screen


def test_it_searches_for_what_the_health_checks_search_for() -> None:
    assert break_glass_latch.TOKEN == TOKEN
    assert set(break_glass_latch.LATCHES) == {latch.value for latch in LatchName}


def test_it_releases_what_the_controller_has_thrown(person: Person) -> None:
    for latch in LatchName:
        person.switch(latch).set(thrown=True)
    person.types = "primary"

    assert person.run(to="primary") == 0

    assert person.thrown == set()
    assert "they return to the primary only where" in person.screen


def test_one_latch_alone_leaves_the_other_as_it_is(person: Person) -> None:
    assert person.run("--only", "domain", "--yes") == 0

    assert person.thrown == {"domain"}


def test_what_is_there_already_is_left_alone(person: Person) -> None:
    assert person.run("--only", "records", "--yes") == 0
    assert person.run("--yes") == 0
    assert f"s3://{person.bucket}/records  thrown  stays" in person.screen

    assert person.run() == 0
    assert "Nothing to change: everything is thrown already." in person.screen


def test_an_object_without_the_token_is_no_thrown_latch(person: Person) -> None:
    person.s3.put_object(Bucket=person.bucket, Key="records", Body=b"something else")

    assert person.run("--yes") == 0

    assert person.thrown == {"records", "domain"}


def test_a_dry_run_changes_nothing(person: Person) -> None:
    assert person.run("--dry-run") == 0

    assert person.thrown == set()
    assert "Nothing was changed." in person.screen


def test_another_answer_than_the_side_changes_nothing(person: Person) -> None:
    person.types = "yes"

    assert person.run() == 1

    assert person.thrown == set()


def test_a_latch_that_can_not_be_thrown_does_not_keep_the_other(person: Person) -> None:
    person.fails("PutObject", refusal("AccessDenied"), on="records")

    assert person.run("--yes") == 2

    assert person.thrown == {"domain"}
    assert "records: NOT known to be thrown: AccessDenied: No." in person.screen


def test_where_none_can_be_thrown_it_was_not_done(person: Person) -> None:
    person.fails("PutObject", refusal("SlowDown"))

    assert person.run("--yes") == 1
    assert "Run this again: a repeat is safe." in person.screen


def test_what_is_read_back_as_before_is_told(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person.s3, "put_object", lambda **_: None)

    assert person.run("--yes") == 1
    assert "records: NOT thrown: read back, it is as before" in person.screen


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("NoSuchBucket", "It is the output LatchBucketName"),
        ("AccessDenied", "permissions that --help names"),
        ("PermanentRedirect", f"is not in {STANDBY}. Check --region"),
        ("ExpiredToken", "sign in again"),
    ],
)
def test_what_s3_refuses_is_told_with_the_way_out(person: Person, code: str, said: str) -> None:
    person.fails("GetObject", refusal(code))

    assert person.run() == 1
    assert said in person.screen


@pytest.mark.parametrize("silence", [ConnectTimeoutError, EndpointConnectionError])
def test_an_s3_that_does_not_answer_is_told(person: Person, silence: type[BotoCoreError]) -> None:
    person.fails("GetObject", silence(endpoint_url="https://s3.us-east-1.amazonaws.com"))

    assert person.run() == 1
    assert f"S3 in {STANDBY} does not answer." in person.screen


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, EOFError])
def test_a_person_who_stops_it_has_changed_nothing(
    person: Person, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    def stop(_: str) -> str:
        raise interruption

    monkeypatch.setattr(person, "_answer", stop)

    assert person.run() == 1
    assert person.thrown == set()


def test_without_boto3_it_says_what_to_install(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    arguments = ["--bucket", person.bucket, "--region", STANDBY, "--to", "standby"]

    assert break_glass_latch.main(arguments, say=person.seen.append) == 1
    assert "pip install boto3" in person.screen
