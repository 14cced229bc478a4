"""Measures a sandbox as somebody would AWS: with the permissions of the published policy, and no others."""

import json
import time

from failoverctl.measure.findings import Verdict
from failoverctl.measure.latches import METRIC, metric_switch
from failoverctl.measure.measurement import Moves
from failoverctl.measure.registry import MEASUREMENTS
from tests.integration.measure.command import STACK, Deployed, interrupt
from tests.support import patience

SLOW = {METRIC}
"""Waits for the minutes of CloudWatch: measured in the deployed sandbox instead."""

MEASURED = [each.name for each in MEASUREMENTS if each.name not in SLOW and each.moves is Moves.NOBODY]


def domain_records(deployed: Deployed) -> object:
    sets = deployed.client("route53").list_resource_record_sets(HostedZoneId=deployed.set_up.zone.id)
    return sets["ResourceRecordSets"]


def test_the_plan_says_what_would_be_made_and_makes_nothing(deployed: Deployed) -> None:
    before = domain_records(deployed)

    finished = deployed.run()

    answer = json.loads(finished.stdout)
    assert finished.exit_code == 0
    assert [plan["name"] for plan in answer["plan"]] == [
        each.name for each in MEASUREMENTS if each.moves is Moves.NOBODY
    ]
    assert all(plan["makes"] and plan["costs"] and plan["about_seconds"] > 0 for plan in answer["plan"])
    assert domain_records(deployed) == before
    assert deployed.leftovers() == []
    assert list(deployed.folder.iterdir()) == []


def test_everything_that_moves_nobody_is_measured_and_nothing_is_left(deployed: Deployed) -> None:
    before = domain_records(deployed)

    found = deployed.measured(*MEASURED, "--repeats", "1")

    assert set(found) == set(MEASURED)
    verdicts = {(name, of): one["verdict"] for name, findings in found.items() for of, one in findings.items()}
    # The sandbox holds what the code assumes, except what nobody knows and it has decided to our disadvantage.
    assert {key for key, verdict in verdicts.items() if verdict not in {Verdict.HOLDS, Verdict.SEEN}} == set()
    assert found["weights"]["all name servers"]["samples"] == 1
    assert 0.5 <= found["lag"]["arrived"]["seconds"]["p50"] < patience.scale(5)
    assert found["replica-answers"]["SignUp"]["answers"] == {"OperationNotEnabledException": 1}
    assert domain_records(deployed) == before
    assert deployed.leftovers() == []


def test_ctrl_c_takes_away_what_was_made_and_keeps_what_was_measured(deployed: Deployed) -> None:
    file = deployed.folder / "interrupted.json"
    process = deployed.started("weights", "--run", "--yes", "--repeats", "100", "--results", file.name)
    while not file.exists():
        time.sleep(0.1)

    assert interrupt(process) == 130

    assert deployed.leftovers() == []
    assert 1 <= len(json.loads(file.read_text(encoding="utf-8"))["samples"]["weights"]) < 100


def test_what_a_killed_run_left_is_refused_to_the_next_one_shown_and_taken_away(deployed: Deployed) -> None:
    process = deployed.started("latch-object", "--run", "--yes", "--repeats", "100", "--results", "killed.json")
    while len(deployed.leftovers()) < 3:
        time.sleep(0.1)
    process.kill()
    process.communicate()

    next_one = deployed.run("latch-object", "--run", "--yes", "--repeats", "100", "--results", "killed.json")
    left = deployed.leftovers()
    taken = deployed.run("--clean-up", "--run")

    assert next_one.exit_code == 4
    assert "--clean-up --run" in next_one.stdout
    assert [each.split()[0] for each in left] == ["records", "health", "bucket"]
    assert taken.exit_code == 0
    assert deployed.leftovers() == []


def test_without_a_permission_it_says_which_policy_has_it(deployed: Deployed) -> None:
    with deployed.sandbox.fault(effect="error", service="route53", code="AccessDenied", status=403):
        finished = deployed.run("weights", "--run", "--yes", "--repeats", "1", "--results", "denied.json")

    assert finished.exit_code == 4
    assert "docs/policies/measure.json has all that measuring needs" in finished.stdout


def test_records_that_cannot_be_made_leave_neither_check_nor_bucket(deployed: Deployed) -> None:
    with deployed.sandbox.fault(
        effect="error", service="route53", operation="ChangeResourceRecordSets", code="InternalFailure"
    ):
        finished = deployed.run("latch-object", "--run", "--yes", "--repeats", "1", "--results", "half.json")

    assert finished.exit_code == 4
    assert deployed.leftovers() == []


def test_users_are_moved_only_by_the_name_of_their_domain(deployed: Deployed) -> None:
    unnamed = deployed.run("managed-login", "--run", "--yes")
    misnamed = deployed.run("--move-users", "auth.example.com", "--run", "--yes")

    assert (unnamed.exit_code, misnamed.exit_code) == (1, 1)
    assert "--move-users" in unnamed.stdout
    assert "auth.example.com is not the stack's ManagedLoginDomain" in misnamed.stdout


def test_another_stacks_results_are_not_gone_on_with(deployed: Deployed) -> None:
    content = {"format": 1, "about": {"stack": STACK, "pool": "eu-west-1_Other"}, "samples": {}, "troubles": {}}
    (deployed.folder / "other.json").write_text(json.dumps(content), encoding="utf-8")

    finished = deployed.run("key-sets", "--results", "other.json")

    assert finished.exit_code == 2
    assert "--results" in finished.stdout
    assert "eu-west-1_Other" in finished.stdout


def test_a_stack_that_is_not_there_is_named_with_the_way_out(deployed: Deployed) -> None:
    finished = deployed.run(stack="other")

    assert finished.exit_code == 3
    assert "--stack" in finished.stdout


def test_the_policy_lets_a_latch_that_is_a_metric_be_made_set_and_taken_away(deployed: Deployed) -> None:
    alarms = deployed.client("cloudwatch")

    with metric_switch(deployed.site()) as switch:
        switch.set(thrown=True)
        assert [each["AlarmName"] for each in alarms.describe_alarms()["MetricAlarms"]] == [
            "failover-measure-cognito-failover"
        ]

    assert alarms.describe_alarms()["MetricAlarms"] == []
