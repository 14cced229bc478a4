"""Drills, deployed: a scheduled one, one that a broken standby aborts, and one that a real outage interrupts.

The tests share one deployment: each starts in the state in which the previous one ends.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.deployed_system import DOMAIN, DeployedSystem, deploy_system, run_sign_in_load
from tests.e2e.downloaded_report import DownloadedReport, assert_page_is_readable, download_report, wait_until_written
from tests.support.browser import launch_chromium

SCHEDULE_PARAMETERS = {
    "DrillSchedule": "cron(0/2 * * * ? *)",
    "DrillKind": "simulated-outage",
    "DrillHoldSeconds": "20",
}
SHORT_TIMING_PARAMETERS = {"RecordTtlSeconds": "5", "RecoveryRounds": "4", "CoolDownSeconds": "150"}
"""Short values. With them, a step of a stepped failback waits for three rounds."""

DRILL_AND_MOVE_PREFIXES = ("drill-", "move-", "step-", "suspected", "blocked")


@pytest.fixture(scope="module")
def stage() -> Iterator[DeployedSystem]:
    with deploy_system(overrides={**SCHEDULE_PARAMETERS, **SHORT_TIMING_PARAMETERS}, records=False) as deployed:
        deployed.start_controller()
        deployed.wait_until_steady()
        yield deployed


browser = pytest.fixture(scope="module")(launch_chromium)


def request_drill(stage: DeployedSystem, token: str, **fields: Any) -> dict[str, Any]:
    defaults = {
        "kind": "switchover",
        "reason": "Monthly drill",
        "token": token,
        "requested_by": "Aiko",
        "mode": "all-at-once",
    }
    return stage.deployment.invoke_until_done("drill", **{**defaults, **fields})


def users_are_home(stage: DeployedSystem) -> None:
    stage.disable_schedule("drills")
    stage.restore()


def wait_until_ended(stage: DeployedSystem, drill: str, *, at_most_seconds: float) -> dict[str, Any]:
    """Wait until a drill is over, and return its summary from the status."""

    def is_over(status: dict[str, Any]) -> bool:
        last = status.get("last_drill") or {}
        return status.get("drill") is None and last.get("id") == drill

    last: dict[str, Any] = stage.wait_for_status(f"{drill} is over", is_over, at_most_seconds=at_most_seconds)[
        "last_drill"
    ]
    return last


def is_end_published(stage: DeployedSystem, drill: str) -> bool:
    return "drill-ended" in {detail["kind"] for detail in list_drill_events(stage, drill)}


def list_drill_events(stage: DeployedSystem, drill: str) -> list[dict[str, Any]]:
    """Return the events of a drill, in order."""
    details = [event["detail"] for event in stage.inbox.read_events()]
    return [detail for detail in details if detail["drill"] and detail["drill"]["id"] == drill]


def test_scheduled_drill_moves_users_and_returns_them(stage: DeployedSystem) -> None:
    with run_sign_in_load(stage) as load:
        status = stage.wait_for_status(
            "the schedule has started a drill", lambda status: bool(status.get("drill")), at_most_seconds=200
        )
        began_at, drill = time.time(), status["drill"]["id"]
        stage.disable_schedule("drills")
        # Read the recorded answers: a slow poll could miss the 20 s of the hold.
        stage.wait_until("users are on the standby", lambda: stage.standby in stage.dns_monitor.list_since(began_at))
        last = wait_until_ended(stage, drill, at_most_seconds=240)
        successes = [sign_in.is_successful for sign_in in load.sign_ins if sign_in.started_at >= began_at]

    assert (last["outcome"], last["requested_by"]) == ("succeeded", "schedule drills")
    assert stage.dns_monitor.current_regions == stage.primary
    assert successes.count(False) <= 0.01 * len(successes), "at most 1 % of sign-ins fail"
    stage.wait_until("the end of the drill is published", lambda: is_end_published(stage, drill), at_most_seconds=20)
    kinds = [detail["kind"] for detail in list_drill_events(stage, drill)]
    assert {"drill-started", "suspected", "drill-on-standby"} <= set(kinds)
    assert kinds.count("move-decided") == kinds.count("move-confirmed") == 2
    assert not any(detail["move"]["automatic"] for detail in list_drill_events(stage, drill) if detail["move"])


@pytest.mark.looks_back
def test_drill_messages_are_marked_as_drill(stage: DeployedSystem) -> None:
    messages = [
        message
        for message in stage.inbox.read_messages()
        # Ignore a refusal: the schedule may have started before both Regions were healthy for long enough.
        if message.kind.startswith(DRILL_AND_MOVE_PREFIXES) and message.kind != "drill-refused"
    ]
    headlines = [message.headline for message in messages]
    assert headlines
    assert all(headline.startswith(("DRILL: ", "Drill ")) for headline in headlines), headlines
    assert "Drill ended (simulated-outage, succeeded). Nothing to do." in headlines
    [thread] = {message.subject for message in messages}
    assert thread.startswith("DRILL: Sign-in incident ")
    assert thread.endswith(DOMAIN)


@pytest.mark.begins(by=users_are_home)
def test_standby_failure_during_drill_returns_users(stage: DeployedSystem) -> None:
    stage.wait_until_drill_is_possible()
    drill = request_drill(stage, "aborted", hold_seconds=600)["drill"]
    stage.wait_until_dns_sends_users_to(stage.standby)
    stage.wait_for_status(
        "it holds", lambda status: (status["drill"] or {}).get("stage") == "on-standby", at_most_seconds=30
    )
    refused = stage.deployment.invoke_operator("drill", kind="lever-test", reason="One more", token="too-many")

    broken_at = stage.inject_fault("target", effect="refuse", region=stage.standby, service="target")
    stage.wait_until_dns_sends_users_to(stage.primary)
    last = wait_until_ended(stage, drill, at_most_seconds=40)
    stage.clear_fault("target")

    assert refused["refused_by"] == "one-drill-at-a-time"
    stage.inbox.wait_for_message("drill-refused", since=broken_at - 60, at_most_seconds=20)
    assert "sign-ins on" in stage.inbox.wait_for_message("drill-aborted", since=broken_at, at_most_seconds=30).body
    assert last["outcome"] == "aborted"
    assert stage.wait_for_status_answer()["automation"]["automatic_moves_within_a_day"] == 0


@pytest.mark.begins(by=users_are_home)
def test_real_outage_during_drill_leaves_users_on_standby(stage: DeployedSystem) -> None:
    stage.wait_until_drill_is_possible()
    drill = request_drill(stage, "interrupted", hold_seconds=600)["drill"]
    stage.wait_until_dns_sends_users_to(stage.standby)

    failed_at = stage.inject_fault("dead", effect="dead", region=stage.primary)
    last = wait_until_ended(stage, drill, at_most_seconds=90)
    with run_sign_in_load(stage) as load:
        time.sleep(25)
        since = time.time() - 20
        recent = [sign_in for sign_in in load.sign_ins if sign_in.started_at >= since]

    assert last["outcome"] == "interrupted"
    message = stage.inbox.wait_for_message("drill-ended", since=failed_at, at_most_seconds=20)
    assert "They do not return automatically." in message.body
    assert stage.dns_monitor.list_since(failed_at) == [stage.standby]
    assert recent
    assert all(sign_in.is_successful for sign_in in recent)


@pytest.mark.looks_back
def test_history_lists_drills_refusals_and_moves_with_reason(stage: DeployedSystem) -> None:
    entries = stage.deployment.invoke_operator("history", limit=200)["history"]
    ended = [entry for entry in entries if entry["kind"] == "drill-ended"]

    assert len(ended) == 3
    assert [entry["requested_by"] for entry in ended] == ["Aiko", "Aiko", "schedule drills"]
    assert all(entry["duration_seconds"] > 0 and entry["reason"] for entry in ended)
    assert "one-drill-at-a-time" in [entry["rule"] for entry in entries if entry["kind"] == "drill-refused"]


@pytest.fixture(scope="module")
def reports(stage: DeployedSystem, tmp_path_factory: pytest.TempPathFactory) -> dict[str, DownloadedReport]:
    """Return the report of each ended drill by its outcome."""
    folder = tmp_path_factory.mktemp("reports")
    entries = stage.deployment.invoke_operator("history", limit=200)["history"]
    ended = [entry for entry in entries if entry["kind"] == "drill-ended"]
    assert all(entry["report"].endswith(f"/reports/{entry['drill']}.html") for entry in ended)
    for entry in ended:
        wait_until_written(stage, entry["drill"], complete="interrupted" not in entry["message"], at_most_seconds=30)
    downloads = [download_report(stage, entry["drill"], folder) for entry in ended]
    return {report.data["drill"]["outcome"]: report for report in downloads}


@pytest.fixture
def report_of(reports: dict[str, DownloadedReport]) -> Callable[[str], DownloadedReport]:
    """Return a function that returns the report of the drill with an outcome, or skips the test without it."""

    def find(outcome: str) -> DownloadedReport:
        if outcome not in reports:
            pytest.skip(f"there is no {outcome} drill; see the failure of its test")
        return reports[outcome]

    return find


def test_report_of_successful_drill_has_propagation_and_sign_ins(
    stage: DeployedSystem, report_of: Callable[[str], DownloadedReport]
) -> None:
    report = report_of("succeeded").data
    there, back = report["moves"]

    assert (report["complete"], report["drill"]["kind"]) == (True, "simulated-outage")
    assert report["drill"]["requested_by"] == "schedule drills"
    assert [(move["target"], move["outcome"]) for move in (there, back)] == [
        (stage.standby, "confirmed"),
        (stage.primary, "confirmed"),
    ]
    for move in (there, back):
        for servers in (move["name_servers"], move["resolvers"]):
            assert 0 < servers["half_seconds"] <= servers["most_seconds"]
    assert report["sign_ins"]["tried"] > 5
    assert report["sign_ins"]["failed"] == 0
    assert report["refusals"] == []
    kinds = [entry["kind"] for entry in report["history"] if entry["kind"].startswith("drill-")]
    assert (kinds[0], kinds[-1]) == ("drill-started", "drill-ended")
    assert {sample["drill"] for sample in report["samples"]} >= {report["drill"]["id"]}


def test_report_of_aborted_drill_has_reason_and_refusals(
    stage: DeployedSystem, report_of: Callable[[str], DownloadedReport]
) -> None:
    report = report_of("aborted").data

    assert "sign-ins on" in report["drill"]["abort_reason"]
    assert report["drill"]["abort_reason"] in [
        refusal["reason"].partition("is aborted: ")[2] for refusal in report["refusals"]
    ]
    assert "one-drill-at-a-time" in [refusal["rule"] for refusal in report["refusals"]]
    assert [move["ended_on"] for move in report["moves"]] == [stage.standby, stage.primary]
    assert report["drill"]["failed"] >= 3
    assert report["sign_ins"]["codes"].keys() <= {"refused"}


def test_report_of_interrupted_drill_names_the_real_outage(
    stage: DeployedSystem, report_of: Callable[[str], DownloadedReport]
) -> None:
    report = report_of("interrupted").data

    assert report["drill"]["abort_reason"] == ""
    assert report["moves"][0]["ended_on"] == stage.standby
    assert "They do not return automatically." in report["summary"]
    verdicts = [sample["consensus"][stage.primary] for sample in report["samples"]]
    assert verdicts.index("healthy") < verdicts.index("sick")


@pytest.mark.parametrize("outcome", ["succeeded", "aborted", "interrupted"])
def test_report_page_is_readable_in_browser(
    browser: Browser, report_of: Callable[[str], DownloadedReport], outcome: str
) -> None:
    assert_page_is_readable(browser, report_of(outcome))
