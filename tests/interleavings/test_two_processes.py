"""Two processes, one suspended at any call: users move only as decided, and nothing is lost or done twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cognito_failover.common.region import RegionRole
from tests.interleavings.judge import InterleavingJudge
from tests.interleavings.processes import Process, Turn, run_turns
from tests.interleavings.scenarios import SCENARIOS, Scenario

WINDOW = 26
"""Number of calls of the first process before which it is suspended, one after another. They contain its decisions."""

FREEZES_SECONDS = (0.0, 25.0, 1_800.0)
"""Time for which all processes are frozen in addition: none, longer than a lease, and until the host is used again."""

WRITES = frozenset({"zone.submit", "latch-records.set"})
"""Calls that move users. The process is suspended for each of the times before them."""

type Main = Callable[[Process], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """The process that runs while the first one is suspended.

    Attributes
    ----------
    main
        What it does.
    is_neutral
        Whether users must be in the same Region in the end as without it.
    moves, changes
        How many more moves may be decided, and how many more times users may change their Region.

    """

    main: Main
    is_neutral: bool = True
    moves: int = 0
    changes: int = 0


def make_request(action: str, **fields: Any) -> Main:
    return lambda process: process.run_request(action, reason="by a person", **fields)


OTHERS = {
    "controller": Other(main=Process.run_invocation),
    "acknowledge": Other(main=make_request("acknowledge")),
    "pause": Other(main=make_request("pause", minutes=5), is_neutral=False, moves=1),
    "abort": Other(main=make_request("abort", token="a"), is_neutral=False, moves=1, changes=2),
    "failover": Other(main=make_request("failover", token="o"), is_neutral=False, moves=1, changes=2),
    "failback": Other(
        main=make_request("failback", token="b", mode="all-at-once"), is_neutral=False, moves=1, changes=2
    ),
    "drill": Other(main=make_request("drill", token="d", kind="tabletop"), is_neutral=True),
}

PAIRS = (
    *((name, "controller") for name in SCENARIOS),
    ("outage", "abort"),
    ("outage", "pause"),
    ("outage", "acknowledge"),
    ("outage", "failover"),
    ("failover-request", "abort"),
    ("failover-request", "failback"),
    ("failback", "abort"),
    ("failback", "drill"),
    ("failback-in-steps", "abort"),
    ("failback-in-steps", "failback"),
    ("weight-sync", "failback"),
    ("weight-sync", "acknowledge"),
    ("drill", "abort"),
    ("drill", "failback"),
    ("lever-test", "abort"),
)


def list_calls(scenario: Scenario) -> list[str]:
    """Return the calls of one invocation that is never suspended."""
    world = scenario.build()
    process = Process("alone", world)
    run_turns(world, [Turn(process=process.start(Process.run_invocation))])
    return process.calls[:WINDOW]


def list_suspensions(calls: list[str]) -> Iterator[tuple[int, float]]:
    """Yield each ordinal of a call, with the time for which the process is frozen before it."""
    for ordinal, call in enumerate(calls):
        freezes = FREEZES_SECONDS if call in WRITES else (FREEZES_SECONDS[ordinal % len(FREEZES_SECONDS)],)
        yield from ((ordinal, seconds) for seconds in freezes)


@pytest.mark.parametrize(("name", "other_name"), PAIRS, ids=[f"{name}-and-{other_name}" for name, other_name in PAIRS])
def test_process_suspended_at_any_call_neither_loses_nor_repeats_moves(name: str, other_name: str) -> None:
    scenario, other = SCENARIOS[name], OTHERS[other_name]
    for ordinal, frozen_seconds in list_suspensions(list_calls(scenario)):
        world = scenario.build()
        judge = InterleavingJudge(world)
        first = Process("first", world).start(Process.run_invocation)
        second = Process("second", world).start(other.main)
        first.is_monotonic_frozen = frozen_seconds > 0
        turns = [
            Turn(process=first, calls=ordinal),
            Turn(process=second),
            Turn(process=first, delay_seconds=frozen_seconds),
        ]
        run_turns(world, turns)
        with judge.explain(f"suspended at call {ordinal} for {frozen_seconds:g} s; calls: {first.calls}"):
            judge.judge_end(
                expected=scenario.role if other.is_neutral else None,
                max_moves=scenario.moves + other.moves,
                max_changes=scenario.changes + other.changes,
            )


@pytest.mark.parametrize("name", SCENARIOS)
def test_lost_answer_of_the_table_neither_loses_nor_repeats_moves(name: str) -> None:
    scenario = SCENARIOS[name]
    writes = [call for call in list_calls(scenario) if call == "ledger.put_item"]
    for ordinal in range(len(writes)):
        world = scenario.build()
        judge = InterleavingJudge(world)
        process = Process("first", world).start(Process.run_invocation)
        process.lost_answer_at = ordinal
        run_turns(world, [Turn(process=process)])
        with judge.explain(f"the answer of write {ordinal} was lost; calls: {process.calls}"):
            judge.judge_end(expected=scenario.role, max_moves=scenario.moves, max_changes=scenario.changes)


def test_first_process_without_interruption_reaches_every_write() -> None:
    calls = {call for scenario in SCENARIOS.values() for call in list_calls(scenario)}
    assert calls >= {*WRITES, "ledger.transact_write_items", "ledger.put_item", "dns.query", "prober.observe"}
    assert {scenario.role for scenario in SCENARIOS.values()} == set(RegionRole)
