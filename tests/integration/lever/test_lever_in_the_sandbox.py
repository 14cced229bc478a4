"""The lever as a whole: Route 53's API to change, its name servers to prove it, over real sockets."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from failover.levers.authority import DnsAuthority
from failover.levers.lever import Confirmation, Intent, Sight, Standing
from failover.levers.weighted_records import WeightedRecords
from failover.levers.zone_route53 import Route53Zone
from failover.region import Side, all_to
from sandbox.dns import DnsAddresses, DnsServers, serve_dns
from sandbox.route53 import NAME_SERVERS
from tests.integration.lever.sandboxed import Sandboxed
from tests.support import patience
from tests.unit.lever.examples import group

# Addresses of this process's own, so that their ports are free.
NETWORK = f"127.53.{os.getpid() % 250}"
ADDRESSES = tuple(f"{NETWORK}.{last}" for last in (11, 12, 13, 14))
PORT = 5353


@contextmanager
def name_servers(sandboxed: Sandboxed) -> Iterator[DnsServers]:
    """Serve the sandbox's zones from a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    addresses = DnsAddresses(name_servers=ADDRESSES, resolver=f"{NETWORK}.53", port=PORT)
    serving = serve_dns(route53=sandboxed.route53, addresses=addresses, clock=lambda: sandboxed.now)
    servers = asyncio.run_coroutine_threadsafe(serving, loop).result(timeout=patience.wait_limit())
    yield servers
    asyncio.run_coroutine_threadsafe(servers.close(), loop).result(timeout=patience.wait_limit())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=patience.wait_limit())
    loop.close()


@dataclass(frozen=True, kw_only=True)
class World:
    """A sandbox with an empty zone and a lever for it."""

    sandboxed: Sandboxed
    servers: DnsServers
    lever: WeightedRecords

    def move(self, side: Side) -> Intent:
        """Move everybody to a side and return the intent."""
        intent = self.lever.plan(self.lever.survey(), all_to(side))
        self.lever.submit(intent, self.lever.survey())
        return intent

    def confirm(self, intent: Intent) -> Confirmation:
        """Ask the name servers whether everybody is where the intent wants them."""
        sight = Sight(record_sets=intent.after, name_servers=self.lever.survey().name_servers)
        return self.lever.answers(sight, Side.PRIMARY if intent.weights.primary else Side.STANDBY)

    def spread(self) -> None:
        """Let the change reach every name server."""
        self.sandboxed.now += 60


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    addresses = dict(zip(NAME_SERVERS, ADDRESSES, strict=True))

    def resolver(name: str, *_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", (addresses[name], 0))]

    sandboxed = Sandboxed()
    zone = Route53Zone(sandboxed.create_zone(), region="us-east-1", session=sandboxed.session)
    with name_servers(sandboxed) as servers:
        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        yield World(
            sandboxed=sandboxed,
            servers=servers,
            lever=WeightedRecords(group=group(), zone=zone, authority=DnsAuthority(port=PORT)),
        )


def test_records_are_created_and_confirmed(world: World) -> None:
    intent = world.move(Side.PRIMARY)
    assert not world.confirm(intent).moved
    world.spread()
    confirmation = world.confirm(intent)
    assert confirmation.moved
    assert confirmation.detail == "4 of 4 name servers answer with ap-northeast-1 only."


def test_a_move_is_confirmed_when_the_last_name_server_has_followed(world: World) -> None:
    world.move(Side.PRIMARY)
    world.spread()
    intent = world.move(Side.STANDBY)
    assert world.lever.standing(intent, world.lever.survey()) is Standing.AFTER
    confirmation = world.confirm(intent)
    assert not confirmation.moved
    assert set(confirmation.stale) == set(NAME_SERVERS)
    world.spread()
    assert world.confirm(intent).moved


def test_a_silent_name_server_is_named(world: World) -> None:
    intent = world.move(Side.PRIMARY)
    world.spread()
    world.servers.silence(1, True)
    confirmation = world.confirm(intent)
    assert confirmation.silent == (NAME_SERVERS[1],)
    assert confirmation.moved


def test_a_move_back_and_forth_leaves_the_records_as_they_were(world: World) -> None:
    world.move(Side.PRIMARY)
    first = world.lever.survey()
    world.move(Side.STANDBY)
    world.move(Side.PRIMARY)
    assert world.lever.survey() == first
