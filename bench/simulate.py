"""Simulates every policy in every seed of every scenario, on all processors."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from bench.policies.all import ORACLE, POLICIES
from bench.rows import ComparisonRow, build_row
from bench.scenarios.all import SCENARIOS_BY_NAME
from bench.scenarios.scenario import BenchScenario
from bench.score import PolicyScore, compute_score


def simulate(
    scenarios: Sequence[BenchScenario], *, seeds: int | None = None, on_progress: Callable[[int], None]
) -> tuple[ComparisonRow, ...]:
    """Return the rows of the scenarios, in order.

    Parameters
    ----------
    scenarios
        The scenarios to simulate.
    seeds
        Maximum number of instances of each scenario. None: the scenario's own number.
    on_progress
        Called with the number of further seeds that are complete.

    """
    scores: dict[tuple[str, int], dict[str, PolicyScore]] = {}
    # Spawn: a fork would inherit the state of the parent's threads.
    with ProcessPoolExecutor(
        max_workers=os.cpu_count(), mp_context=get_context("spawn"), initializer=_disable_garbage_collection
    ) as pool:
        futures = {
            pool.submit(simulate_seed, scenario.name, seed): (scenario.name, seed)
            for scenario in scenarios
            for seed in range(count_seeds(scenario, seeds))
        }
        for future in as_completed(futures):
            scores[futures[future]] = future.result()
            on_progress(1)
    return tuple(_build_rows(scenarios, scores))


def count_seeds(scenario: BenchScenario, seeds: int | None) -> int:
    """Return the number of instances of a scenario to simulate."""
    return scenario.seeds if seeds is None else min(seeds, scenario.seeds)


def simulate_seed(name: str, seed: int) -> dict[str, PolicyScore]:
    """Return the scores of every policy in one instance of a scenario."""
    world = SCENARIOS_BY_NAME[name].build_world(seed)
    scores = {policy: compute_score(world, play(world)) for policy, play in POLICIES.items()}
    gc.collect()
    return scores


def _disable_garbage_collection() -> None:
    """Disable automatic collection, which takes a seventh of the time. One collection per seed is enough."""
    gc.freeze()
    gc.disable()


def _build_rows(
    scenarios: Sequence[BenchScenario], scores: dict[tuple[str, int], dict[str, PolicyScore]]
) -> Iterator[ComparisonRow]:
    for scenario in scenarios:
        of_scenario = [by_policy for (name, _), by_policy in sorted(scores.items()) if name == scenario.name]
        oracle = [by_policy[ORACLE] for by_policy in of_scenario]
        for policy in POLICIES:
            yield build_row(scenario.name, policy, [by_policy[policy] for by_policy in of_scenario], oracle)
