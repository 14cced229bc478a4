"""Plays every policy in every seed of every scenario, on all processors."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from bench.policies.all import ORACLE, POLICIES
from bench.rows import Row, row
from bench.scenarios.all import BY_NAME
from bench.scenarios.scenario import Scenario
from bench.score import Score, score


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
    with ProcessPoolExecutor(
        max_workers=os.cpu_count(), mp_context=get_context("spawn"), initializer=_collect_seldom
    ) as pool:
        waiting = {
            pool.submit(play_seed, scenario.name, seed): (scenario.name, seed)
            for scenario in scenarios
            for seed in range(seeds_of(scenario, seeds))
        }
        for done in as_completed(waiting):
            scores[waiting[done]] = done.result()
            played(1)
    return tuple(_rows(scenarios, scores))


def seeds_of(scenario: Scenario, seeds: int | None) -> int:
    """Return how many instances of a scenario are played."""
    return scenario.seeds if seeds is None else min(seeds, scenario.seeds)


def play_seed(name: str, seed: int) -> dict[str, Score]:
    """Return the scores of every policy in one instance of a scenario."""
    world = BY_NAME[name].world(seed)
    scores = {policy: score(world, play(world)) for policy, play in POLICIES.items()}
    gc.collect()
    return scores


def _collect_seldom() -> None:
    """Look for garbage once a seed: what is played becomes it as a whole, and looking all the time takes a seventh."""
    gc.freeze()
    gc.disable()


def _rows(scenarios: Sequence[Scenario], scores: dict[tuple[str, int], dict[str, Score]]) -> Iterator[Row]:
    for scenario in scenarios:
        of_scenario = [by_policy for (name, _), by_policy in sorted(scores.items()) if name == scenario.name]
        oracle = [by_policy[ORACLE] for by_policy in of_scenario]
        for policy in POLICIES:
            yield row(scenario.name, policy, [by_policy[policy] for by_policy in of_scenario], oracle)
