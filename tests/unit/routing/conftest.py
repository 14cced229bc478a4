"""A lever on an in-memory zone, with scripted name servers."""

import pytest

from cognito_failover.routing.records.weighted_records import WeightedRecords
from cognito_failover_testing.memory_hosted_zone import MemoryZone
from tests.unit.routing.records.examples import (
    ScriptedAuthoritativeDns,
    make_group,
    make_record_pair,
    make_region_record_pair,
)


@pytest.fixture
def name_servers() -> ScriptedAuthoritativeDns:
    return ScriptedAuthoritativeDns()


@pytest.fixture
def zone() -> MemoryZone:
    return MemoryZone("example.com", [*make_record_pair(), *make_region_record_pair()])


@pytest.fixture
def lever(zone: MemoryZone) -> WeightedRecords:
    return WeightedRecords(group=make_group(), zone=zone)
