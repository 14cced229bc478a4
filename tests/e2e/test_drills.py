"""A month of drills in some minutes: one by the schedule, one that a broken standby aborts, one that an outage ends.

The tests are one after another the same days of one deployment: each takes up where the one before has ended.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.lab import DOMAIN, Lab, lab, signing_in
from tests.e2e.reports import Report, download, hold_to_a_readers_eye, until_written
from tests.support.browser import chromium

SCHEDULED = {"DrillSchedule": "cron(0/2 * * * ? *)", "DrillKind": "blind", "DrillHoldSeconds": "20"}
SHORT = {"RecordTtlSeconds": "5", "RecoveryRounds": "4", "CoolDownSeconds": "150"}
"""So that the rests between the steps of the way home are three rounds long."""

OF_DRILLS_AND_MOVES = ("drill-", "move-", "step-", "suspected", "blocked")


@pytest.fixture(scope="module")
def stage() -> Iterator[Lab]:
    with lab(overrides={**SCHEDULED, **SHORT}, records=False) as deployed:
        deployed.start_at_once()
        deployed.until_steady()
        yield deployed


browser = pytest.fixture(scope="module")(chromium)


def ask(stage: Lab, token: str, **fields: Any) -> dict[str, Any]:
    wish = {"kind": "switchover", "reason": "Monthly drill", "token": token, "requested_by": "Aiko", "pace": "in-one"}
    return stage.deployment.insist("drill", **{**wish, **fields})


def users_are_home(stage: Lab) -> None:
    stage.stop("drills")
    stage.restore()


def until_calm(stage: Lab) -> None:
    """Wait until nothing is in a drill's way."""

    def calm() -> bool:
        looked = stage.deployment.ask("drill", kind="switchover", reason="Looking", token="looking", dry_run=True)
        return "obstacles" in looked and not looked["obstacles"]

    stage.until("nothing is in a drill's way", calm, at_most_seconds=180)


def until_ended(stage: Lab, drill: str, *, at_most_seconds: float) -> dict[str, Any]:
    """Wait until a drill is over, and return what is remembered of it."""

    def over(status: dict[str, Any]) -> bool:
        last = status.get("last_drill") or {}
        return status.get("drill") is None and last.get("id") == drill

    last: dict[str, Any] = stage.until_status(f"{drill} is over", over, at_most_seconds=at_most_seconds)["last_drill"]
    return last


def is_told_of_the_end(stage: Lab, drill: str) -> bool:
    return "drill-ended" in {detail["kind"] for detail in told(stage, drill)}


def told(stage: Lab, drill: str) -> list[dict[str, Any]]:
    """Return the events of a drill, in order."""
    details = [event["detail"] for event in stage.inbox.events()]
    return [detail for detail in details if detail["drill"] and detail["drill"]["id"] == drill]


def test_a_drill_by_the_schedule_goes_from_detection_to_dns_and_home_again(stage: Lab) -> None:
    with signing_in(stage) as people:
        began = stage.until_status(
            "the schedule has begun a drill", lambda status: bool(status.get("drill")), at_most_seconds=200
        )
        began_at, drill = time.time(), began["drill"]["id"]
        stage.stop("drills")
        # The watch keeps what it has seen: a slow look must not miss the 20 s of the hold.
        stage.until("users are on the standby", lambda: stage.standby in stage.watch.since(began_at))
        last = until_ended(stage, drill, at_most_seconds=240)
        signed_in = [each.ok for each in people.sign_ins if each.began_at >= began_at]

    assert (last["outcome"], last["requested_by"]) == ("clean", "schedule drills")
    assert stage.watch.now == stage.primary
    assert signed_in.count(False) <= 0.01 * len(signed_in), "nobody notices"
    stage.until("its end is told", lambda: is_told_of_the_end(stage, drill), at_most_seconds=20)
    kinds = [detail["kind"] for detail in told(stage, drill)]
    assert {"drill-started", "suspected", "drill-holds"} <= set(kinds)
    assert kinds.count("move-decided") == kinds.count("move-confirmed") == 2
    assert not any(detail["move"]["automatic"] for detail in told(stage, drill) if detail["move"])


@pytest.mark.looks_back
def test_every_message_of_it_says_that_it_is_a_drill(stage: Lab) -> None:
    told_so_far = [
        message
        for message in stage.inbox.messages()
        # The schedule may have asked for one before everything had been well for long enough: that is no part of it.
        if message.kind.startswith(OF_DRILLS_AND_MOVES) and message.kind != "drill-refused"
    ]
    headlines = [message.headline for message in told_so_far]
    assert headlines
    assert all(headline.startswith(("DRILL: ", "Drill ")) for headline in headlines), headlines
    assert "Drill ended (blind, clean). Nothing to do." in headlines
    [thread] = {message.subject for message in told_so_far}
    assert thread.startswith("DRILL: Sign-in incident ")
    assert thread.endswith(DOMAIN)


@pytest.mark.begins(by=users_are_home)
def test_a_standby_that_breaks_meanwhile_sends_users_home(stage: Lab) -> None:
    until_calm(stage)
    drill = ask(stage, "aborted", hold_seconds=600)["drill"]
    stage.until("users are on the standby", lambda: stage.watch.now == stage.standby, at_most_seconds=60)
    stage.until_status("it holds", lambda status: (status["drill"] or {}).get("stage") == "holding", at_most_seconds=30)
    refused = stage.deployment.ask("drill", kind="lever-test", reason="One more", token="too-many")

    broken_at = stage.break_("target", effect="refuse", region=stage.standby, service="target")
    stage.until("users are home", lambda: stage.watch.now == stage.primary, at_most_seconds=60)
    last = until_ended(stage, drill, at_most_seconds=40)
    stage.mend("target")

    assert refused["refused_by"] == "one-drill-at-a-time"
    stage.inbox.wait_for("drill-refused", since=broken_at - 60, at_most_seconds=20)
    assert "sign-ins on" in stage.inbox.wait_for("drill-aborted", since=broken_at, at_most_seconds=30).body
    assert last["outcome"] == "aborted"
    assert stage.standing()["automation"]["automatic_moves_within_a_day"] == 0


@pytest.mark.begins(by=users_are_home)
def test_a_real_outage_meanwhile_ends_it_and_leaves_users_where_sign_in_works(stage: Lab) -> None:
    until_calm(stage)
    drill = ask(stage, "interrupted", hold_seconds=600)["drill"]
    stage.until("users are on the standby", lambda: stage.watch.now == stage.standby, at_most_seconds=60)

    died_at = stage.break_("dead", effect="dead", region=stage.primary)
    last = until_ended(stage, drill, at_most_seconds=90)
    with signing_in(stage) as people:
        time.sleep(25)
        since = time.time() - 20
        recent = [each for each in people.sign_ins if each.began_at >= since]

    assert last["outcome"] == "overtaken"
    message = stage.inbox.wait_for("drill-ended", since=died_at, at_most_seconds=20)
    assert "Nothing brings them back by itself." in message.body
    assert stage.watch.since(died_at) == [stage.standby]
    assert recent
    assert all(each.ok for each in recent)


@pytest.mark.looks_back
def test_the_history_has_every_drill_refusal_and_move_with_who_and_why(stage: Lab) -> None:
    entries = stage.deployment.ask("history", limit=200)["history"]
    ended = [each for each in entries if each["kind"] == "drill-ended"]

    assert len(ended) == 3
    assert [each["requested_by"] for each in ended] == ["Aiko", "Aiko", "schedule drills"]
    assert all(each["duration_seconds"] > 0 and each["reason"] for each in ended)
    assert "one-drill-at-a-time" in [each["rule"] for each in entries if each["kind"] == "drill-refused"]


@pytest.fixture(scope="module")
def reports(stage: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """Return the report of each drill that ended, by what came of it."""
    folder = tmp_path_factory.mktemp("reports")
    entries = stage.deployment.ask("history", limit=200)["history"]
    ended = [each for each in entries if each["kind"] == "drill-ended"]
    assert all(each["report"].endswith(f"/reports/{each['drill']}.html") for each in ended)
    for each in ended:
        until_written(stage, each["drill"], complete="overtaken" not in each["sentence"], at_most_seconds=30)
    downloaded = [download(stage, each["drill"], folder) for each in ended]
    return {each.data["drill"]["outcome"]: each for each in downloaded}


@pytest.fixture
def report_of(reports: dict[str, Report]) -> Callable[[str], Report]:
    """Return what gives the report of the drill with an outcome; the test is skipped if its drill has failed."""

    def find(outcome: str) -> Report:
        if outcome not in reports:
            pytest.skip(f"no drill has ended {outcome}; the test that plays it says why")
        return reports[outcome]

    return find


def test_the_report_of_a_clean_drill_says_when_answers_had_moved_and_how_sign_ins_fared(
    stage: Lab, report_of: Callable[[str], Report]
) -> None:
    report = report_of("clean").data
    there, back = report["moves"]

    assert (report["complete"], report["drill"]["kind"]) == (True, "blind")
    assert report["drill"]["requested_by"] == "schedule drills"
    assert [(each["target"], each["outcome"]) for each in (there, back)] == [
        (stage.standby, "confirmed"),
        (stage.primary, "confirmed"),
    ]
    for move in (there, back):
        for asked in (move["name_servers"], move["resolvers"]):
            assert 0 < asked["half_seconds"] <= asked["most_seconds"]
    assert report["sign_ins"]["tried"] > 5
    assert report["sign_ins"]["failed"] == 0
    assert report["refusals"] == []
    told = [each["kind"] for each in report["history"]]
    assert (told[0], told[-1]) == ("drill-started", "drill-ended")
    assert {moment["drill"] for moment in report["moments"]} >= {report["drill"]["id"]}


def test_the_report_of_an_aborted_drill_says_why_and_what_was_refused(
    stage: Lab, report_of: Callable[[str], Report]
) -> None:
    report = report_of("aborted").data

    assert "sign-ins on" in report["drill"]["aborted"]
    assert report["drill"]["aborted"] in [each["why"].partition("is aborted: ")[2] for each in report["refusals"]]
    assert "one-drill-at-a-time" in [each["rule"] for each in report["refusals"]]
    assert [each["ended_on"] for each in report["moves"]] == [stage.standby, stage.primary]
    assert report["drill"]["failed"] >= 3
    assert report["sign_ins"]["codes"].keys() <= {"refused"}


def test_the_report_of_an_interrupted_drill_says_that_something_real_came_between(
    stage: Lab, report_of: Callable[[str], Report]
) -> None:
    report = report_of("overtaken").data

    assert report["drill"]["aborted"] == ""
    assert report["moves"][0]["ended_on"] == stage.standby
    assert "Nothing brings them back by itself." in report["summary"]
    known = [moment["known"][stage.primary] for moment in report["moments"]]
    assert known.index("healthy") < known.index("sick")


@pytest.mark.parametrize("outcome", ["clean", "aborted", "overtaken"])
def test_each_report_can_be_read_in_a_browser(
    browser: Browser, report_of: Callable[[str], Report], outcome: str
) -> None:
    hold_to_a_readers_eye(browser, report_of(outcome))
