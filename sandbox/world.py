"""The whole sandbox put together: Regions, services, name servers, faults."""

import asyncio
import contextlib
import json
import shutil
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox import quotas, text_messages, web_acl_reads
from sandbox import registrar as registration
from sandbox.addresses import (
    CONTROL_PLANE_REGION,
    CONTROL_PORT,
    DNS_PORT,
    HTTP_PORT,
    HTTPS_PORT,
    Network,
)
from sandbox.attached import READY_FILE
from sandbox.control import control
from sandbox.emulator import ACCOUNT, Emulator, Surroundings, surround
from sandbox.engine import COGNITO, Engine
from sandbox.environment import administrator, function_environment, lay_out_runtime
from sandbox.faults import TARGET, Faults, Passage
from sandbox.key_resources import REPLICA_KEY
from sandbox.listeners import Doorkeeper, Listener
from sandbox.quotas import ServiceQuotas
from sandbox.registrar import Registrar
from sandbox.settings import Setting, Settings
from sandbox.text_messages import TextMessages
from sandbox.tls import CertificateAuthority
from sandbox.web_acl_reads import WebAclReads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.apigateway import Gateway
    from sandbox.checkers.fleet import Fleet
    from sandbox.cognito import Cognito
    from sandbox.dns import DnsServers
    from sandbox.login.edge import Edge
    from sandbox.monitoring import Monitoring
    from sandbox.route53 import Route53
    from sandbox.secretsmanager import Rotations


_ALARM_SECONDS = 10
"""How often alarms are evaluated."""

_DISTRIBUTING_SECONDS = 5.0
"""How long a change of a custom domain takes; minutes on AWS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to build.

    Attributes
    ----------
    folder
        The sandbox's state; emptied at the start.
    target_names
        The host names the user's own targets answer to, in every Region.
    creating_seconds, lag_seconds
        Of Cognito's replication: until a replica is INACTIVE, and until a change arrives.
    propagation_seconds
        Until a change of Route 53 is INSYNC.
    check_pace
        How many times faster than on AWS Route 53's health checkers ask.
    health_propagation_seconds
        Until its name servers know of a changed status.

    """

    network: Network
    folder: Path
    target_names: tuple[str, ...]
    creating_seconds: float
    lag_seconds: float
    propagation_seconds: float
    check_pace: float = 1.0
    health_propagation_seconds: float = 10.0


class World:
    """A running sandbox; one per process."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._network = plan.network
        self.faults = Faults(plan.network.regions)
        self._control = Listener(
            plan.network.control,
            CONTROL_PORT,
            doorkeeper=lambda _source: Passage.OPEN,
            endpoint=control(self.faults, lambda: self._settings),
        )
        self._settings = Settings({})  # filled once the parts are there
        self._listeners: list[tuple[Listener, Callable[[], bool]]] = []
        self._closing: list[Callable[[], Awaitable[None]]] = []
        self._ending_guests: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Build everything and listen.

        Raises
        ------
        OSError
            If an address is taken: another sandbox runs on this network.

        """
        # First of all: it fails if another sandbox has this network, before that one's folder is emptied.
        self._control.open()
        folder, network = self._plan.folder, self._network
        shutil.rmtree(folder, ignore_errors=True)
        authority = CertificateAuthority(folder / "tls")
        lay_out_runtime(folder / "runtime")
        surround(
            Surroundings(
                folder=folder,
                home_region=network.regions[0],
                address=network.api(network.regions[0]),
                guest_environment=function_environment(network, authority.certificate_path, folder / "runtime"),
            )
        )
        emulator = Emulator()
        await emulator.start()
        cognito, route53 = self._services()
        engine = Engine(network, self.faults, emulator, cognito.intercept, self._gateway())
        edge = self._edge(engine, cognito, route53, authority)
        monitoring = self._monitoring(route53)
        rotations = self._provide_rotation(emulator)
        self._settings = Settings(
            {
                "creating_seconds": Setting(cognito.timing, "creating_seconds"),
                "deleting_seconds": Setting(cognito.timing, "deleting_seconds"),
                "lag_seconds": Setting(cognito.timing, "lag_seconds"),
                "propagation_seconds": Setting(route53, "propagation_seconds"),
                "processing_seconds": Setting(route53, "processing_seconds"),
                "distributing_seconds": Setting(cognito.domain_timing, "distributing_seconds"),
                "routing_seconds": Setting(edge.routing, "reaction_seconds"),
                "origin_seconds": Setting(edge.distribution, "origin_seconds"),
                "secret_replicating_seconds": Setting(rotations, "replicating_seconds"),
                "health_propagation_seconds": Setting(route53.health, "propagation_seconds"),
                "alarms_ahead_seconds": Setting(monitoring, "ahead_seconds"),
            }
        )
        emulator.intercept(COGNITO, cognito.intercept)
        emulator.take_over("route53", route53.handle)
        registrar = self._provide_the_accounts_own(emulator, route53)
        self._provide_health_checks(emulator, route53)
        self._provide_replicas(emulator, cognito)
        emulator.run_only_where(lambda region: not self.faults.is_dead(region))
        self.faults.listen(before=cognito.replicate, after=partial(self._apply_faults, emulator))
        self._listen(engine, authority)
        edge.open()
        dns = await self._serve_dns(route53, cognito, registrar)
        watching = asyncio.create_task(self._watch_alarms(monitoring))
        checking = asyncio.create_task(self._checkers(route53, dns).run())
        self._closing = [
            edge.close,
            partial(_cancelled, checking),
            partial(_cancelled, watching),
            emulator.stop,
            dns.close,
        ]
        (folder / READY_FILE).write_text(json.dumps(self.description(), indent=2))

    async def stop(self) -> None:
        """End everything, Lambda functions too."""
        (self._plan.folder / READY_FILE).unlink(missing_ok=True)
        # Nobody is let in any more before the engine ends: functions on their way out would be answered by half of it.
        for listener, _ in self._listeners:
            await listener.close()
        for close in self._closing:
            await close()
        await self._control.close()

    def description(self) -> dict[str, Any]:
        """Return what listens where, as the ready file shows it."""
        network = self._network
        return {
            "network": network.prefix,
            "regions": list(network.regions),
            "primary": network.regions[0],
            "standby": network.regions[1],
            "account": ACCOUNT,
            "credentials": administrator(),
            "certificate": str(self._plan.folder / "tls" / "ca.pem"),
            "api": {region: network.api(region) for region in network.regions},
            "inside": {region: network.inside(region) for region in network.regions},
            "targets": {region: network.target(region) for region in network.regions},
            "target_names": list(self._plan.target_names),
            "name_servers": list(network.name_servers),
            "resolver": network.resolver,
            "distribution": network.distribution,
            "control": f"http://{network.control}:{CONTROL_PORT}",
            "ports": {"https": HTTPS_PORT, "http": HTTP_PORT, "dns": DNS_PORT, "control": CONTROL_PORT},
        }

    def _services(self) -> tuple["Cognito", "Route53"]:
        # Imported late: they read the engine's modules, which read the environment that surround() prepares.
        from sandbox.cognito import Cognito  # noqa: PLC0415
        from sandbox.login.lookup import has_address  # noqa: PLC0415
        from sandbox.route53 import Route53  # noqa: PLC0415

        route53 = Route53(
            clock=time.time,
            propagation_seconds=self._plan.propagation_seconds,
            service_address=lambda name: self._address(cognito, name),
        )
        cognito = Cognito(
            clock=time.time,
            creating_seconds=self._plan.creating_seconds,
            lag_seconds=self._plan.lag_seconds,
            distributing_seconds=_DISTRIBUTING_SECONDS,
            linked=self.faults.linked,
            health_check_exists=lambda account, check_id: check_id in route53.health_checks.ids_of(account),
            has_address=partial(has_address, route53),
        )
        route53.health.propagation_seconds = self._plan.health_propagation_seconds
        return cognito, route53

    def _gateway(self) -> "Gateway":
        from sandbox.apigateway import Gateway  # noqa: PLC0415 - as above

        return Gateway(time.time)

    def _address(self, cognito: "Cognito", name: str) -> str | None:
        """Return the address of a host of AWS, by its name in lower case."""
        known = self._network.resolve_service(name)
        return known or (self._network.distribution if cognito.domains.distributes(name) else None)

    def _edge(self, engine: Engine, cognito: "Cognito", route53: "Route53", authority: CertificateAuthority) -> "Edge":
        from sandbox.login.edge import Edge  # noqa: PLC0415 - as above

        return Edge(
            address=self._network.distribution,
            port=HTTPS_PORT,
            authority=authority,
            cognito=cognito,
            faults=self.faults,
            meet=engine.meet,
            region_inside=self._network.region_inside,
            healthy=lambda check_id: route53.healthy(check_id),  # noqa: PLW0108 - the attribute may be replaced
            clock=time.time,
        )

    def _monitoring(self, route53: "Route53") -> "Monitoring":
        from sandbox.checkers.metric_stream import MetricStream  # noqa: PLC0415 - as above
        from sandbox.monitoring import Monitoring  # noqa: PLC0415 - as above

        monitoring = Monitoring(alive=lambda region: not self.faults.is_dead(region))
        stream = MetricStream(monitoring, heard=self.faults.reaches_world, clock=time.time)
        route53.health_checks.alarm_settings = stream.settings
        route53.health.metric_state = stream.state
        return monitoring

    async def _watch_alarms(self, monitoring: "Monitoring") -> None:
        while True:
            await asyncio.sleep(_ALARM_SECONDS)
            # In a thread: an alarm's message may start a function, which takes its time.
            await asyncio.to_thread(monitoring.evaluate_all)

    @staticmethod
    def _provide_the_accounts_own(emulator: Emulator, route53: "Route53") -> Registrar:
        """Answer what the engine doesn't of quotas, text messages and registered names."""
        from sandbox.route53 import NAME_SERVERS  # noqa: PLC0415 - as above

        registrar = Registrar(lambda name: NAME_SERVERS if name in route53.public_zones else ())
        emulator.add(quotas.SERVICE, quotas.TARGET, ServiceQuotas().handle)
        emulator.add(registration.SERVICE, registration.TARGET, registrar.handle)
        emulator.intercept(text_messages.SERVICE, TextMessages().intercept)
        emulator.intercept(web_acl_reads.SERVICE, WebAclReads(emulator.denied).intercept)
        return registrar

    async def _serve_dns(self, route53: "Route53", cognito: "Cognito", registrar: Registrar) -> "DnsServers":
        from sandbox.dns import DnsAddresses, serve_dns  # noqa: PLC0415 - as above
        from sandbox.dns.registry import Registry  # noqa: PLC0415 - as above

        network = self._network
        first, second, third, fourth = network.name_servers
        return await serve_dns(
            route53=route53,
            addresses=DnsAddresses(
                name_servers=(first, second, third, fourth),
                resolver=network.resolver,
                port=DNS_PORT,
                registry=network.registry,
            ),
            clock=time.time,
            resolve_service=partial(self._address, cognito),
            reachable=self._reachable,
            registry=Registry(zones=lambda: route53.public_zones, delegation=registrar.delegation),
        )

    def _provide_health_checks(self, emulator: Emulator, route53: "Route53") -> None:
        from sandbox.route53.cloudformation import HEALTH_CHECK, HealthCheckResources  # noqa: PLC0415 - as above

        def answers(operation: str) -> bool:
            _, region = emulator.at_work()
            return self.faults.answers("route53", operation, region=CONTROL_PLANE_REGION, caller_region=region)

        checks = HealthCheckResources(route53=route53, account=lambda: emulator.at_work()[0], answers=answers)
        emulator.provide(HEALTH_CHECK, create=checks.create, update=checks.update, delete=checks.delete)

    def _provide_replicas(self, emulator: Emulator, cognito: "Cognito") -> None:
        from sandbox.cognito.cloudformation import (  # noqa: PLC0415 - as above
            REGIONAL_CONFIGURATION,
            USER_POOL,
            USER_POOL_REPLICA,
            RegionalConfigurationResources,
            UserPoolReplicaResources,
            user_pool_handlers,
        )

        at_work = emulator.at_work
        for resource_type, made in (
            (USER_POOL_REPLICA, UserPoolReplicaResources(cognito=cognito, at_work=at_work)),
            (REGIONAL_CONFIGURATION, RegionalConfigurationResources(cognito=cognito, at_work=at_work)),
            (REPLICA_KEY, emulator.replica_keys()),
        ):
            emulator.provide(resource_type, create=made.create, update=made.update, delete=made.delete)
        emulator.complete(USER_POOL, lambda engine: user_pool_handlers(engine, cognito, at_work))

    @staticmethod
    def _provide_rotation(emulator: Emulator) -> "Rotations":
        from sandbox.secretsmanager.cloudformation import ROTATION_SCHEDULE, RotationSchedules  # noqa: PLC0415
        from sandbox.secretsmanager.rotations import Rotations  # noqa: PLC0415 - as above

        rotations = Rotations(emulator, clock=time.time)
        schedules = RotationSchedules(rotations, emulator.at_work)
        emulator.intercept("secretsmanager", rotations.intercept)
        emulator.provide(ROTATION_SCHEDULE, create=schedules.create, update=schedules.update, delete=schedules.delete)
        return rotations

    def _checkers(self, route53: "Route53", dns: "DnsServers") -> "Fleet":
        from sandbox.checkers.on_network import fleet_on  # noqa: PLC0415 - as above

        return fleet_on(self._network, self.faults, route53, dns, pace=self._plan.check_pace)

    async def _reachable(self, source_address: str, server_address: str) -> bool:
        """Tell whether a DNS query arrives: the resolver is in every Region, the name servers are in none."""
        region = self._network.region_inside(source_address)
        if region is not None and self.faults.is_dead(region):
            return False
        return server_address == self._network.resolver or self.faults.name_servers_answer(region)

    def _listen(self, engine: Engine, authority: CertificateAuthority) -> None:
        network = self._network
        for region in network.regions:
            api_address, target_address = network.api(region), network.target(region)
            api_context = authority.server_context(region, [*network.certificate_names(region), api_address])
            target_context = authority.server_context(f"{region}-target", [*self._plan.target_names, target_address])
            for address, port, context, service, endpoint in (
                (api_address, HTTPS_PORT, api_context, None, engine.api(region)),
                (api_address, HTTP_PORT, None, None, engine.api(region)),
                (target_address, HTTPS_PORT, target_context, TARGET, engine.target(region, self._plan.target_names)),
            ):
                listener = Listener(
                    address,
                    port,
                    context=context,
                    doorkeeper=self._doorkeeper(region, service),
                    endpoint=endpoint,
                )
                listener.open()
                self._listeners.append((listener, partial(self.faults.closed, region, service)))

    def _doorkeeper(self, region: str, service: str | None) -> Doorkeeper:
        def decide(source_address: str) -> Passage:
            caller_region = self._network.region_inside(source_address)
            return self.faults.passage(caller_region=caller_region, region=region, service=service)

        return decide

    def _apply_faults(self, emulator: Emulator) -> None:
        for listener, closed in self._listeners:
            if closed():
                listener.refuse()
            else:
                listener.open()
        for region in self._network.regions:
            if self.faults.is_dead(region):
                ending = asyncio.create_task(asyncio.to_thread(emulator.end_guests, region))
                self._ending_guests.add(ending)
                ending.add_done_callback(self._ending_guests.discard)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
