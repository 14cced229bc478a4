"""The break-glass script of the records, against the sandbox's Route 53."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.record_set import are_equal
from scripts import break_glass
from tests.integration.routing.route53_session import Route53Session, make_error
from tests.unit.routing.records.examples import (
    REGION_RECORD_NAME,
    TOKYO,
    VIRGINIA,
    make_record,
    make_record_pair,
    make_region_record_pair,
)


@dataclass
class RecordsScriptOperator:
    """A person who runs the script: the output and the typed answer."""

    route53_session: Route53Session
    zone_id: str
    output_lines: list[str] = field(default_factory=list)
    typed_answer: str = "auth.example.com"
    check_id: str = ""
    before_confirming: Callable[[], None] = lambda: None

    def run(self, *extra: str, to: str = VIRGINIA, zone: str = "", domain: str = "auth.example.com") -> int:
        """Run the script and return its exit code."""
        return break_glass.main(
            ["--zone", zone or self.zone_id, "--domain", domain, "--to", to, *extra],
            client=self.route53_session.client,
            print_line=self.output_lines.append,
            prompt=self._answer_prompt,
            sleep=self._sleep,
        )

    @property
    def output(self) -> str:
        """Everything that was printed."""
        return "\n".join(self.output_lines)

    @property
    def records(self) -> list[RecordSet]:
        """The zone's records, without its own NS and SOA."""
        listed = self.route53_session.client.list_resource_record_sets(HostedZoneId=self.zone_id)["ResourceRecordSets"]
        return [record_set for record_set in listed if record_set["Type"] not in {"NS", "SOA"}]

    def create_check(self) -> str:
        """Create a health check and return its id."""
        client = self.route53_session.client
        created = client.create_health_check(
            CallerReference=str(client.get_health_check_count()["HealthCheckCount"]),
            HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "d-tokyo.example.net"},
        )
        return str(created["HealthCheck"]["Id"])

    def _answer_prompt(self, question: str) -> str:
        self.output_lines.append(question)
        self.before_confirming()
        return self.typed_answer

    def _sleep(self, seconds: float) -> None:
        self.route53_session.now += seconds


@pytest.fixture
def make_operator() -> Callable[..., RecordsScriptOperator]:
    def make(*record_sets: RecordSet) -> RecordsScriptOperator:
        session = Route53Session()
        zone_id = session.create_zone().removeprefix("/hostedzone/")
        if record_sets:
            session.change(zone_id, "CREATE", *record_sets)
        return RecordsScriptOperator(session, zone_id)

    return make


@pytest.fixture
def operator(make_operator: Callable[..., RecordsScriptOperator]) -> RecordsScriptOperator:
    return make_operator(*make_record_pair(), *make_region_record_pair())


def test_records_move_and_script_waits_for_propagation(operator: RecordsScriptOperator) -> None:
    assert operator.run() == 0
    assert are_equal(operator.records, [*make_record_pair(0, 255), *make_region_record_pair(0, 255)])
    assert "PENDING" in operator.output
    assert "INSYNC" in operator.output
    assert f"{REGION_RECORD_NAME} TXT" in operator.output
    assert "waits until you acknowledge this change" in operator.output


def test_service_bindings_move_along(make_operator: Callable[..., RecordsScriptOperator]) -> None:
    records = [
        make_record(region, weight, value, Type=kind)
        for kind, values in {
            "A": ("192.0.2.1", "198.51.100.1"),
            "HTTPS": ("1 d-tokyo.example.net.", "1 d-virginia.example.net."),
        }.items()
        for region, weight, value in zip((TOKYO, VIRGINIA), (255, 0), values, strict=True)
    ]
    at_own_name = [make_record(TOKYO, 0, "1 . alpn=h2", Type="SVCB", SetIdentifier=None, Weight=None)]
    person = make_operator(*records, *at_own_name)
    assert person.run("--yes") == 0
    assert [each["Weight"] for each in person.records if "Weight" in each] == [0, 255, 0, 255]


def test_service_binding_of_cloudfront_is_left_alone(make_operator: Callable[..., RecordsScriptOperator]) -> None:
    alias = {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d111.cloudfront.net", "EvaluateTargetHealth": False}
    addresses = [
        make_record(TOKYO, 255, "192.0.2.1", Type="A"),
        make_record(VIRGINIA, 0, "198.51.100.1", Type="A"),
    ]
    binding = {"Name": addresses[0]["Name"], "Type": "HTTPS", "AliasTarget": alias}
    person = make_operator(*addresses, binding)
    assert person.run("--yes") == 0
    assert [each["Weight"] for each in person.records if "Weight" in each] == [0, 255]


@pytest.fixture
def operator_with_health_checks(make_operator: Callable[..., RecordsScriptOperator]) -> RecordsScriptOperator:
    """Return an operator whose primary record has a health check."""
    person = make_operator()
    person.check_id = person.create_check()
    person.route53_session.change(
        person.zone_id, "CREATE", make_record(TOKYO, 255, HealthCheckId=person.check_id), make_record(VIRGINIA, 0)
    )
    return person


def test_health_checks_are_preserved(operator_with_health_checks: RecordsScriptOperator) -> None:
    before = {record_set["SetIdentifier"]: record_set for record_set in operator_with_health_checks.records}
    assert operator_with_health_checks.run("--yes") == 0
    assert are_equal(
        operator_with_health_checks.records, [{**before[TOKYO], "Weight": 0}, {**before[VIRGINIA], "Weight": 255}]
    )
    assert "WARNING" not in operator_with_health_checks.output


def test_health_check_on_receiving_record_is_warned_about(operator_with_health_checks: RecordsScriptOperator) -> None:
    assert operator_with_health_checks.run("--yes") == 0
    assert operator_with_health_checks.run("--yes", to=TOKYO) == 0
    assert f"WARNING: a health check is on {TOKYO} (CNAME, health check " in operator_with_health_checks.output
    assert (
        "break_glass_latch.py --bucket BUCKET --region STANDBY_REGION --to primary"
        in operator_with_health_checks.output
    )


@pytest.fixture
def operator_with_deleted_check(operator_with_health_checks: RecordsScriptOperator) -> RecordsScriptOperator:
    """Return an operator whose primary record names a health check that was deleted."""
    person = operator_with_health_checks
    person.route53_session.client.delete_health_check(HealthCheckId=person.check_id)
    return person


def test_deleted_check_is_named_in_the_plan(operator_with_deleted_check: RecordsScriptOperator) -> None:
    person = operator_with_deleted_check
    assert person.run("--dry-run") == 0
    assert f"PROBLEM: the health check {person.check_id} on {TOKYO} (CNAME) does not exist" in person.output
    assert f"--domain auth.example.com --to {VIRGINIA} --without-check {person.check_id}" in person.output


def test_refusal_for_deleted_check_names_cause_and_way_out(operator_with_deleted_check: RecordsScriptOperator) -> None:
    person = operator_with_deleted_check
    before = person.records
    assert person.run("--yes") == 1
    assert are_equal(person.records, before)
    _, _, after_plan = person.output.rpartition("change-resource-record-sets")
    assert "Route 53 refuses it, and every repeat" in after_plan
    assert f"{person.check_id} on {TOKYO} (CNAME): deleted" in after_plan
    assert f"--without-check {person.check_id}" in after_plan
    assert "a repeat is safe" not in person.output


def test_refusal_without_permission_to_read_checks_lists_them(
    operator_with_deleted_check: RecordsScriptOperator,
) -> None:
    person = operator_with_deleted_check
    denied = make_error("AccessDenied", "no", status=403)
    person.route53_session.overrides.append(("GET", f"/healthcheck/{person.check_id}", denied))
    assert person.run("--yes") == 1
    assert "PROBLEM" not in person.output
    assert f"{person.check_id} on {TOKYO} (CNAME): not known" in person.output
    assert f"--without-check {person.check_id}" in person.output


def test_record_moves_without_its_deleted_check(operator_with_deleted_check: RecordsScriptOperator) -> None:
    person = operator_with_deleted_check
    assert person.run("--yes", "--without-check", person.check_id) == 0
    assert are_equal(person.records, [make_record(TOKYO, 0), make_record(VIRGINIA, 255)])
    assert f"==>  weight 0, without health check {person.check_id}" in person.output
    assert "PROBLEM" not in person.output


def test_other_checks_stay_when_one_is_removed(operator_with_health_checks: RecordsScriptOperator) -> None:
    person = operator_with_health_checks
    kept = person.create_check()
    [standby] = [record_set for record_set in person.records if record_set["SetIdentifier"] == VIRGINIA]
    person.route53_session.change(person.zone_id, "UPSERT", {**standby, "HealthCheckId": kept})
    person.route53_session.client.delete_health_check(HealthCheckId=person.check_id)
    assert person.run("--yes", "--without-check", person.check_id) == 0
    assert are_equal(person.records, [make_record(TOKYO, 0), make_record(VIRGINIA, 255, HealthCheckId=kept)])


def test_removal_of_check_that_no_record_has_is_rejected(operator: RecordsScriptOperator) -> None:
    assert operator.run("--yes", "--without-check", "other") == 1
    assert "No record of the plan has the health check other" in operator.output
    assert are_equal(operator.records, [*make_record_pair(), *make_region_record_pair()])


def test_listing_with_health_checks_explains_a_refusal(
    operator_with_deleted_check: RecordsScriptOperator, tmp_path: Path
) -> None:
    person = operator_with_deleted_check
    listing = tmp_path / "records.json"
    listing.write_text(json.dumps({"ResourceRecordSets": person.records}))
    assert person.run("--listing", str(listing)) == 0
    assert f"If Route 53 answers NoSuchHealthCheck, repeat with --without-check {person.check_id}" in person.output
    person.output_lines.clear()
    assert person.run("--listing", str(listing), "--without-check", person.check_id) == 0
    command = next(line for line in person.output_lines if "change-resource-record-sets" in line)
    batch = json.loads(shlex.split(command)[-1])
    assert [change["ResourceRecordSet"].get("HealthCheckId") for change in batch["Changes"][2:]] == [None, None]


@pytest.mark.parametrize(
    ("code", "status", "is_repeatable"),
    [
        ("Throttling", 400, True),
        ("PriorRequestNotComplete", 400, True),
        ("ServiceUnavailable", 503, True),
        ("InternalFailure", 500, True),
        ("InvalidInput", 400, False),
        ("InvalidClientTokenId", 403, False),
        ("SignatureDoesNotMatch", 403, False),
        ("SomethingNew", 400, False),
    ],
)
def test_only_a_passing_failure_is_called_safe_to_repeat(
    operator: RecordsScriptOperator, code: str, status: int, is_repeatable: bool
) -> None:
    operator.route53_session.overrides.append(("POST", "/rrset", make_error(code, "because", status=status)))
    assert operator.run("--yes") == 1
    assert f"{code}: because" in operator.output
    assert ("Run this again" in operator.output) is is_repeatable
    assert ("a repeat is refused, too" in operator.output) is not is_repeatable


def test_target_matches_by_identifier_region_and_host_name(
    make_operator: Callable[..., RecordsScriptOperator],
) -> None:
    blue = make_record("blue", 255, "d-1.execute-api.ap-northeast-1.amazonaws.com")
    green = make_record("green", 0, "d-2.execute-api.us-east-1.amazonaws.com")
    for target in ("green", "us-east-1", "d-2.execute-api.us-east-1.amazonaws.com"):
        person = make_operator(blue, green, *make_region_record_pair())
        assert person.run("--yes", to=target) == 0
        assert are_equal(
            person.records, [{**blue, "Weight": 0}, {**green, "Weight": 255}, *make_region_record_pair(0, 255)]
        )


def test_dry_run_changes_nothing_and_prints_command(operator: RecordsScriptOperator) -> None:
    assert operator.run("--dry-run") == 0
    assert are_equal(operator.records, [*make_record_pair(), *make_region_record_pair()])
    command = next(
        line for line in operator.output_lines if line.startswith("  aws route53 change-resource-record-sets")
    )
    batch = json.loads(shlex.split(command)[-1])
    operator.route53_session.client.change_resource_record_sets(HostedZoneId=operator.zone_id, ChangeBatch=batch)
    assert are_equal(operator.records, [*make_record_pair(0, 255), *make_region_record_pair(0, 255)])


def test_listing_file_needs_no_route_53_request(operator: RecordsScriptOperator, tmp_path: Path) -> None:
    listing = tmp_path / "records.json"
    listing.write_text(json.dumps({"ResourceRecordSets": operator.records}))
    operator.route53_session.requests.clear()
    assert operator.run("--listing", str(listing)) == 0
    assert "aws route53 change-resource-record-sets" in operator.output
    assert operator.route53_session.requests == []


def test_invalid_listing_file_is_reported(operator: RecordsScriptOperator, tmp_path: Path) -> None:
    listing = tmp_path / "records.json"
    listing.write_text("[]")
    assert operator.run("--listing", str(listing)) == 1
    assert "is not a listing of a zone" in operator.output


def test_wrong_confirmation_changes_nothing(operator: RecordsScriptOperator) -> None:
    operator.typed_answer = "yes"
    assert operator.run() == 1
    assert are_equal(operator.records, [*make_record_pair(), *make_region_record_pair()])


def test_already_moved_changes_nothing(make_operator: Callable[..., RecordsScriptOperator]) -> None:
    person = make_operator(*make_record_pair(0, 255), *make_region_record_pair(0, 255))
    assert person.run() == 0
    assert "Nothing to change" in person.output


def test_unknown_region_lists_valid_regions(operator: RecordsScriptOperator) -> None:
    assert operator.run(to="eu-west-1") == 1
    assert "Give one of these: ap-northeast-1, us-east-1" in operator.output


def test_domain_without_records_is_reported(operator: RecordsScriptOperator) -> None:
    assert operator.run(domain="login.example.com") == 1
    assert "no A, AAAA or CNAME record of login.example.com" in operator.output


def test_simple_record_is_reported_with_hint(make_operator: Callable[..., RecordsScriptOperator]) -> None:
    person = make_operator(make_record(TOKYO, 0, SetIdentifier=None, Weight=None))
    assert person.run() == 1
    assert "has no weighted pair of type CNAME" in person.output


def test_missing_zone_is_reported(operator: RecordsScriptOperator) -> None:
    assert operator.run(zone="Z0NOSUCHZONE") == 1
    assert "There is no hosted zone Z0NOSUCHZONE" in operator.output


def test_missing_permissions_are_reported(operator: RecordsScriptOperator) -> None:
    operator.route53_session.overrides.append(
        ("POST", "/rrset", make_error("AccessDenied", "not authorized", status=403))
    )
    assert operator.run("--yes") == 1
    assert "permissions that --help names" in operator.output


@pytest.mark.parametrize("failure", [ConnectTimeoutError, ReadTimeoutError, EndpointConnectionError])
def test_route_53_timeout_is_reported(operator: RecordsScriptOperator, failure: type[BotoCoreError]) -> None:
    operator.route53_session.overrides.append(("GET", "/rrset", failure(endpoint_url="https://route53.amazonaws.com")))
    assert operator.run() == 1
    assert "control plane (us-east-1) does not answer" in operator.output


def test_edit_before_confirmation_fails_and_is_preserved(operator: RecordsScriptOperator) -> None:
    def edit() -> None:
        operator.route53_session.change(operator.zone_id, "DELETE", *make_record_pair())
        operator.route53_session.change(operator.zone_id, "CREATE", *make_record_pair(128, 127))

    operator.before_confirming = edit
    assert operator.run() == 1
    assert are_equal(operator.records, [*make_record_pair(128, 127), *make_region_record_pair()])
    assert "have changed since" in operator.output


def test_slow_propagation_has_its_own_exit_code(operator: RecordsScriptOperator) -> None:
    operator.route53_session.route53.propagation_seconds = 10_000
    assert operator.run("--yes") == 2
    assert "aws route53 get-change --id" in operator.output
