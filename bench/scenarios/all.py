"""Every scenario, in the order of the tables."""

from bench.scenarios import outages, published, traps, weather

SCENARIOS = (*outages.SCENARIOS, *traps.SCENARIOS, *published.SCENARIOS, *weather.SCENARIOS)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
