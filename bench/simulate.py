"""Plays every policy in every seed of every scenario, on all processors."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from bench.policies.all import ORACLE, POLICIES
from bench.rows import Row, row
from bench.scenarios.all import BY_NAME
from bench.scenarios.scenario import Scenario
from bench.score import Score, score

BATCH = 5
"""Seeds that a process is given at a time."""

type Batch = tuple[str, tuple[int, ...]]


def simulate(
    scenarios: Sequence[Scenario], *, seeds: int | None = None, played: Callable[[int], None]
) -> tuple[Row, ...]:
    """Return the rows of the scenarios, in order.

    Parameters
    ----------
    scenarios
        What to simulate.
    seeds
        How many instances of each at most; None for as many as each wants.
    played
        Told how many seeds more have been played.

    """
    scores: dict[tuple[str, int], dict[str, Score]] = {}
    # Started afresh: a fork would take along whatever threads its parent has.
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(play_batch, batch): batch for batch in _batches(scenarios, seeds)}
        for done in as_completed(waiting):
            name, numbers = waiting[done]
            for seed, by_policy in zip(numbers, done.result(), strict=True):
                scores[name, seed] = by_policy
            played(len(numbers))
    return tuple(_rows(scenarios, scores))


def seeds_of(scenario: Scenario, seeds: int | None) -> int:
    """Return how many instances of a scenario are played."""
    return scenario.seeds if seeds is None else min(seeds, scenario.seeds)


def play_batch(batch: Batch) -> list[dict[str, Score]]:
    """Return the scores of every policy in some seeds of a scenario."""
    name, seeds = batch
    worlds = (BY_NAME[name].world(seed) for seed in seeds)
    return [{policy: score(world, play(world)) for policy, play in POLICIES.items()} for world in worlds]


def _batches(scenarios: Sequence[Scenario], seeds: int | None) -> Iterator[Batch]:
    for scenario in scenarios:
        wanted = range(seeds_of(scenario, seeds))
        for first in range(0, len(wanted), BATCH):
            yield scenario.name, tuple(wanted[first : first + BATCH])


def _rows(scenarios: Sequence[Scenario], scores: dict[tuple[str, int], dict[str, Score]]) -> Iterator[Row]:
    for scenario in scenarios:
        of_scenario = [by_policy for (name, _), by_policy in sorted(scores.items()) if name == scenario.name]
        oracle = [by_policy[ORACLE] for by_policy in of_scenario]
        for policy in POLICIES:
            yield row(scenario.name, policy, [by_policy[policy] for by_policy in of_scenario], oracle)
