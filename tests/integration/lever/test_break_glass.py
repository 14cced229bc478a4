"""The script for the day on which the controller is gone, against the sandbox's Route 53."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from failover.levers.lever import RecordSet
from failover.levers.records import same
from scripts import break_glass
from tests.integration.lever.sandboxed import Sandboxed, error
from tests.unit.lever.examples import BEACON, TOKYO, VIRGINIA, beacon_of, pair, record


@dataclass
class Person:
    """Somebody who runs the script: what they see and what they type."""

    sandboxed: Sandboxed
    zone_id: str
    seen: list[str] = field(default_factory=list)
    types: str = "auth.example.com"
    meanwhile: Callable[[], None] = lambda: None

    def run(self, *extra: str, to: str = VIRGINIA, zone: str = "", domain: str = "auth.example.com") -> int:
        """Run the script and return its exit code."""
        return break_glass.main(
            ["--zone", zone or self.zone_id, "--domain", domain, "--to", to, *extra],
            client=self.sandboxed.client,
            say=self.seen.append,
            ask=self._answer,
            sleep=self._sleep,
        )

    @property
    def screen(self) -> str:
        """Everything that was printed."""
        return "\n".join(self.seen)

    @property
    def records(self) -> list[RecordSet]:
        """The zone's records, without its own NS and SOA."""
        listed = self.sandboxed.client.list_resource_record_sets(HostedZoneId=self.zone_id)["ResourceRecordSets"]
        return [each for each in listed if each["Type"] not in {"NS", "SOA"}]

    def _answer(self, question: str) -> str:
        self.seen.append(question)
        self.meanwhile()
        return self.types

    def _sleep(self, seconds: float) -> None:
        self.sandboxed.now += seconds


@pytest.fixture
def person_with() -> Callable[..., Person]:
    def made(*record_sets: RecordSet) -> Person:
        sandboxed = Sandboxed()
        zone_id = sandboxed.create_zone().removeprefix("/hostedzone/")
        if record_sets:
            sandboxed.change(zone_id, "CREATE", *record_sets)
        return Person(sandboxed, zone_id)

    return made


@pytest.fixture
def person(person_with: Callable[..., Person]) -> Person:
    return person_with(*pair(), *beacon_of())


def test_it_moves_the_name_and_its_beacon_and_waits_until_all_servers_have_it(person: Person) -> None:
    assert person.run() == 0
    assert same(person.records, [*pair(0, 255), *beacon_of(0, 255)])
    assert "PENDING" in person.screen
    assert "INSYNC" in person.screen
    assert f"{BEACON} TXT" in person.screen
    assert "moves nothing until it is acknowledged" in person.screen


@pytest.fixture
def checked_person(person_with: Callable[..., Person]) -> Person:
    """Return somebody whose primary's record carries a health check."""
    person = person_with()
    made = person.sandboxed.client.create_health_check(
        CallerReference="one", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "d-tokyo.example.net"}
    )
    check = made["HealthCheck"]["Id"]
    person.sandboxed.change(person.zone_id, "CREATE", record(TOKYO, 255, HealthCheckId=check), record(VIRGINIA, 0))
    return person


def test_health_checks_survive(checked_person: Person) -> None:
    before = {each["SetIdentifier"]: each for each in checked_person.records}
    assert checked_person.run("--yes") == 0
    assert same(checked_person.records, [{**before[TOKYO], "Weight": 0}, {**before[VIRGINIA], "Weight": 255}])
    assert "WARNING" not in checked_person.screen


def test_it_warns_of_a_health_check_on_the_record_that_it_gives_the_weight(checked_person: Person) -> None:
    assert checked_person.run("--yes") == 0
    assert checked_person.run("--yes", to=TOKYO) == 0
    assert f"WARNING: a health check is on {TOKYO} (CNAME, health check " in checked_person.screen
    assert "break_glass_latch.py --bucket BUCKET --region STANDBY_REGION --to primary" in checked_person.screen


def test_identifiers_of_the_owners_own_choice_are_found_by_them_and_by_the_targets_region(
    person_with: Callable[..., Person],
) -> None:
    blue = record("blue", 255, "d-1.execute-api.ap-northeast-1.amazonaws.com")
    green = record("green", 0, "d-2.execute-api.us-east-1.amazonaws.com")
    for wanted in ("green", "us-east-1", "d-2.execute-api.us-east-1.amazonaws.com"):
        person = person_with(blue, green, *beacon_of())
        assert person.run("--yes", to=wanted) == 0
        assert same(person.records, [{**blue, "Weight": 0}, {**green, "Weight": 255}, *beacon_of(0, 255)])


def test_a_dry_run_changes_nothing_and_gives_a_command_that_would(person: Person) -> None:
    assert person.run("--dry-run") == 0
    assert same(person.records, [*pair(), *beacon_of()])
    command = next(line for line in person.seen if line.startswith("  aws route53 change-resource-record-sets"))
    batch = json.loads(shlex.split(command)[-1])
    person.sandboxed.client.change_resource_record_sets(HostedZoneId=person.zone_id, ChangeBatch=batch)
    assert same(person.records, [*pair(0, 255), *beacon_of(0, 255)])


def test_a_listing_made_elsewhere_needs_neither_boto3_nor_route53(person: Person, tmp_path: Path) -> None:
    listing = tmp_path / "records.json"
    listing.write_text(json.dumps({"ResourceRecordSets": person.records}))
    person.sandboxed.asked.clear()
    assert person.run("--listing", str(listing)) == 0
    assert "aws route53 change-resource-record-sets" in person.screen
    assert person.sandboxed.asked == []


def test_a_file_that_is_no_listing_is_told_as_such(person: Person, tmp_path: Path) -> None:
    listing = tmp_path / "records.json"
    listing.write_text("[]")
    assert person.run("--listing", str(listing)) == 1
    assert "is no listing of a zone" in person.screen


def test_another_answer_than_the_domain_changes_nothing(person: Person) -> None:
    person.types = "yes"
    assert person.run() == 1
    assert same(person.records, [*pair(), *beacon_of()])


def test_where_it_is_already_there_nothing_is_changed(person_with: Callable[..., Person]) -> None:
    person = person_with(*pair(0, 255), *beacon_of(0, 255))
    assert person.run() == 0
    assert "Nothing to change" in person.screen


def test_an_unknown_side_is_answered_with_those_there_are(person: Person) -> None:
    assert person.run(to="eu-west-1") == 1
    assert "Give one of these: ap-northeast-1, us-east-1" in person.screen


def test_a_domain_without_records_is_told(person: Person) -> None:
    assert person.run(domain="login.example.com") == 1
    assert "no A, AAAA or CNAME record of login.example.com" in person.screen


def test_a_simple_record_is_told_with_the_way_out(person_with: Callable[..., Person]) -> None:
    person = person_with(record(TOKYO, 0, SetIdentifier=None, Weight=None))
    assert person.run() == 1
    assert "has no weighted pair of type CNAME" in person.screen


def test_a_zone_that_does_not_exist_is_told(person: Person) -> None:
    assert person.run(zone="Z0NOSUCHZONE") == 1
    assert "There is no hosted zone Z0NOSUCHZONE" in person.screen


def test_missing_permissions_are_told(person: Person) -> None:
    person.sandboxed.instead.append(("POST", "/rrset", error("AccessDenied", "not authorized", status=403)))
    assert person.run("--yes") == 1
    assert "permissions that --help names" in person.screen


@pytest.mark.parametrize("silence", [ConnectTimeoutError, ReadTimeoutError, EndpointConnectionError])
def test_a_route_53_that_does_not_answer_is_told(person: Person, silence: type[BotoCoreError]) -> None:
    person.sandboxed.instead.append(("GET", "/rrset", silence(endpoint_url="https://route53.amazonaws.com")))
    assert person.run() == 1
    assert "control plane, which is in us-east-1, does not answer" in person.screen


def test_an_edit_while_the_person_reads_makes_it_fail_and_survives(person: Person) -> None:
    def edit() -> None:
        person.sandboxed.change(person.zone_id, "DELETE", *pair())
        person.sandboxed.change(person.zone_id, "CREATE", *pair(128, 127))

    person.meanwhile = edit
    assert person.run() == 1
    assert same(person.records, [*pair(128, 127), *beacon_of()])
    assert "changed meanwhile" in person.screen


def test_a_change_that_does_not_spread_in_time_is_told_with_its_own_exit_code(person: Person) -> None:
    person.sandboxed.route53.propagation_seconds = 10_000
    assert person.run("--yes") == 2
    assert "aws route53 get-change --id" in person.screen
