"""Three processes in any order, with freezes and lost answers: users move only as decided, and nothing is lost."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.interleavings.judge import InterleavingJudge
from tests.interleavings.processes import Process, Turn, run_turns
from tests.interleavings.scenarios import SCENARIOS

MAX_CALLS = 40
UNLIMITED = 100
PROCESSES = 3


def start_controller(process: Process) -> Process:
    return process.start(Process.run_invocation)


def start_request(process: Process, action: str, fields: dict[str, Any]) -> Process:
    def request(process: Process) -> dict[str, Any]:
        return process.run_request(action, reason="by a person", **fields)

    return process.start(request)


requests = st.sampled_from(
    [
        ("abort", {"token": "a"}),
        ("failover", {"token": "o"}),
        ("failover", {"token": "o2", "override": ["target-healthy"]}),
        ("failback", {"token": "b"}),
        ("pause", {"minutes": 1}),
        ("resume", {}),
        ("acknowledge", {}),
        ("drill", {"token": "d", "kind": "switchover", "hold_seconds": 10, "mode": "all-at-once"}),
        ("drill", {"token": "e", "kind": "lever-test"}),
    ]
)
turns = st.lists(
    st.tuples(
        st.integers(0, PROCESSES - 1),
        st.integers(0, MAX_CALLS),
        st.sampled_from([0.0, 0.0, 0.0, 3.0, 25.0, 90.0, 3_600.0]),
    ),
    max_size=6,
)


@given(
    name=st.sampled_from(sorted(SCENARIOS)),
    others=st.lists(st.none() | requests, min_size=PROCESSES - 1, max_size=PROCESSES - 1),
    turns=turns,
    is_monotonic_frozen=st.booleans(),
    lost_answer_at=st.none() | st.integers(0, 15),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_any_schedule_neither_loses_nor_repeats_moves(
    name: str,
    others: list[tuple[str, dict[str, Any]] | None],
    turns: list[tuple[int, int, float]],
    is_monotonic_frozen: bool,
    lost_answer_at: int | None,
) -> None:
    world = SCENARIOS[name].build()
    judge = InterleavingJudge(world)
    processes = [start_controller(Process("first", world))]
    processes[0].lost_answer_at = lost_answer_at
    for ordinal, other in enumerate(others):
        process = Process(f"other-{ordinal}", world)
        processes.append(start_request(process, *other) if other else start_controller(process))
    for process in processes:
        process.is_monotonic_frozen = is_monotonic_frozen
    run_turns(
        world,
        [Turn(process=processes[who], calls=calls, delay_seconds=delay) for who, calls, delay in turns],
        processes,
    )
    judge.judge_answers(processes)
    judge.judge_end(max_moves=UNLIMITED, max_changes=UNLIMITED)
