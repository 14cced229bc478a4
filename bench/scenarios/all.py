"""Every scenario, in the order of the tables."""

from bench.scenarios import background_noise, false_positives, outages, published

SCENARIOS = (*outages.SCENARIOS, *false_positives.SCENARIOS, *published.SCENARIOS, *background_noise.SCENARIOS)
SCENARIOS_BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
