"""Measurements of a sandbox, with exactly the permissions of the published policy."""

import json
import time

from failoverctl.measure.evaluation import AssumptionVerdict
from failoverctl.measure.latches import METRIC_MEASUREMENT, create_metric_switch
from failoverctl.measure.measurement import TrafficImpact
from failoverctl.measure.registry import MEASUREMENTS
from tests.integration.measure.command import STACK, MeasuredDeployment, send_interrupt
from tests.support import load_scaling

SLOW_MEASUREMENTS = {METRIC_MEASUREMENT}
"""They wait for CloudWatch's periods of minutes, so they run in the deployed sandbox instead."""

FAST_MEASUREMENTS = [
    measurement.name
    for measurement in MEASUREMENTS
    if measurement.name not in SLOW_MEASUREMENTS and measurement.traffic_impact is TrafficImpact.NONE
]


def list_domain_records(deployed: MeasuredDeployment) -> object:
    page = deployed.get_client("route53").list_resource_record_sets(HostedZoneId=deployed.set_up.zone.id)
    return page["ResourceRecordSets"]


def test_plan_lists_resources_without_creating_them(deployed: MeasuredDeployment) -> None:
    before = list_domain_records(deployed)

    finished = deployed.run_in_process()

    answer = json.loads(finished.stdout)
    assert finished.exit_code == 0
    assert [plan["name"] for plan in answer["plan"]] == [
        measurement.name for measurement in MEASUREMENTS if measurement.traffic_impact is TrafficImpact.NONE
    ]
    assert all(plan["makes"] and plan["costs"] and plan["about_seconds"] > 0 for plan in answer["plan"])
    assert list_domain_records(deployed) == before
    assert deployed.list_orphans() == []
    assert list(deployed.folder.iterdir()) == []


def test_harmless_measurements_run_and_leave_nothing(deployed: MeasuredDeployment) -> None:
    before = list_domain_records(deployed)

    measured = deployed.run_measurements(*FAST_MEASUREMENTS, "--repeats", "1")

    assert set(measured) == set(FAST_MEASUREMENTS)
    verdicts = {
        (name, stage): finding["verdict"] for name, findings in measured.items() for stage, finding in findings.items()
    }
    # All assumptions hold in the sandbox.
    assert {
        key for key, verdict in verdicts.items() if verdict not in {AssumptionVerdict.HOLDS, AssumptionVerdict.OBSERVED}
    } == set()
    assert measured["weights"]["all name servers"]["samples"] == 1
    assert 0.5 <= measured["lag"]["arrived"]["seconds"]["p50"] < load_scaling.scale_seconds(5)
    assert measured["replica-answers"]["SignUp"]["answers"] == {"OperationNotEnabledException": 1}
    assert list_domain_records(deployed) == before
    assert deployed.list_orphans() == []


def test_ctrl_c_removes_resources_and_keeps_samples(deployed: MeasuredDeployment) -> None:
    file = deployed.folder / "interrupted.json"
    process = deployed.start_on_network("weights", "--run", "--yes", "--repeats", "100", "--results", file.name)
    while not file.exists():
        time.sleep(0.1)

    assert send_interrupt(process) == 130

    assert deployed.list_orphans() == []
    assert 1 <= len(json.loads(file.read_text(encoding="utf-8"))["samples"]["weights"]) < 100


def test_orphans_of_a_killed_run_block_the_next_until_removed(deployed: MeasuredDeployment) -> None:
    process = deployed.start_on_network(
        "latch-object", "--run", "--yes", "--repeats", "100", "--results", "killed.json"
    )
    while len(deployed.list_orphans()) < 3:
        time.sleep(0.1)
    process.kill()
    process.communicate()

    next_run = deployed.run_in_process("latch-object", "--run", "--yes", "--repeats", "100", "--results", "killed.json")
    orphans = deployed.list_orphans()
    clean_up = deployed.run_in_process("--clean-up", "--run")

    assert next_run.exit_code == 4
    assert "--clean-up --run" in next_run.stdout
    assert [description.split()[0] for description in orphans] == ["records", "health", "bucket"]
    assert clean_up.exit_code == 0
    assert deployed.list_orphans() == []


def test_missing_permission_names_the_policy(deployed: MeasuredDeployment) -> None:
    with deployed.sandbox.inject_fault(effect="error", service="route53", code="AccessDenied", status=403):
        finished = deployed.run_in_process("weights", "--run", "--yes", "--repeats", "1", "--results", "denied.json")

    assert finished.exit_code == 4
    assert "docs/policies/measure.json has all permissions for measuring" in finished.stdout


def test_failed_record_creation_leaves_no_resources(deployed: MeasuredDeployment) -> None:
    with deployed.sandbox.inject_fault(
        effect="error", service="route53", operation="ChangeResourceRecordSets", code="InternalFailure"
    ):
        finished = deployed.run_in_process("latch-object", "--run", "--yes", "--repeats", "1", "--results", "half.json")

    assert finished.exit_code == 4
    assert deployed.list_orphans() == []


def test_moving_measurement_requires_the_domain_name(deployed: MeasuredDeployment) -> None:
    unnamed = deployed.run_in_process("managed-login", "--run", "--yes")
    misnamed = deployed.run_in_process("--move-users", "auth.example.com", "--run", "--yes")

    assert (unnamed.exit_code, misnamed.exit_code) == (1, 1)
    assert "--move-users" in unnamed.stdout
    assert "auth.example.com is not the stack's ManagedLoginDomain" in misnamed.stdout


def test_results_of_another_stack_are_not_continued(deployed: MeasuredDeployment) -> None:
    content = {"format": 1, "deployment": {"stack": STACK, "pool": "eu-west-1_Other"}, "samples": {}, "failures": {}}
    (deployed.folder / "other.json").write_text(json.dumps(content), encoding="utf-8")

    finished = deployed.run_in_process("key-sets", "--results", "other.json")

    assert finished.exit_code == 2
    assert "--results" in finished.stdout
    assert "eu-west-1_Other" in finished.stdout


def test_missing_stack_is_named_with_advice(deployed: MeasuredDeployment) -> None:
    finished = deployed.run_in_process(stack="other")

    assert finished.exit_code == 3
    assert "--stack" in finished.stdout


def test_policy_allows_metric_latch_lifecycle(deployed: MeasuredDeployment) -> None:
    cloudwatch = deployed.get_client("cloudwatch")

    with create_metric_switch(deployed.make_context()) as switch:
        switch.set(thrown=True)
        assert [alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]] == [
            "failover-measure-cognito-failover"
        ]

    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
