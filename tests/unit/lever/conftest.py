"""A lever over a zone in memory, with name servers that say what a test wants."""

import pytest

from failover.levers.weighted_records import WeightedRecords
from failover.levers.zone_memory import MemoryZone
from tests.unit.lever.examples import Servers, beacon_of, group, pair


@pytest.fixture
def servers() -> Servers:
    return Servers()


@pytest.fixture
def zone() -> MemoryZone:
    return MemoryZone("example.com", [*pair(), *beacon_of()])


@pytest.fixture
def lever(zone: MemoryZone, servers: Servers) -> WeightedRecords:
    return WeightedRecords(group=group(), zone=zone, authority=servers)
