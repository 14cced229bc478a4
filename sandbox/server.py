"""The assembled sandbox: Regions, services, name servers, faults."""

import asyncio
import contextlib
import json
import shutil
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox import domain_registrar, quotas, service_linked_roles, sms_settings, web_acl_permissions
from sandbox.addresses import (
    CONTROL_PLANE_REGION,
    CONTROL_PORT,
    DNS_PORT,
    HTTP_PORT,
    HTTPS_PORT,
    SandboxNetwork,
)
from sandbox.client import READY_FILE
from sandbox.control_api import build_control_endpoint
from sandbox.dispatcher import COGNITO_SERVICE, RequestDispatcher
from sandbox.domain_registrar import DomainRegistrar
from sandbox.emulator import ACCOUNT, Emulator, EngineConfig, configure_process
from sandbox.environment import build_function_environment, get_admin_credentials, link_runtime_packages
from sandbox.faults import TARGET_SERVICE, ConnectionEffect, Faults
from sandbox.firewall import FirewallAction, InspectedRequest
from sandbox.http_messages import EndpointRequest
from sandbox.key_resources import REPLICA_KEY
from sandbox.listeners import ConnectionFilter, HttpListener
from sandbox.mail_subscriptions import MailSubscriptions
from sandbox.nested_stack_resources import NESTED_STACK, NestedStackResources, restore_template_urls
from sandbox.quotas import ProvisionedLimits, ServiceQuotas
from sandbox.service_linked_roles import ServiceLinkedRoles
from sandbox.settings import DurationSetting, DurationSettings
from sandbox.sms_settings import SmsSettings
from sandbox.stack_policies import validate_stack_policy
from sandbox.tls import CertificateAuthority
from sandbox.web_acl_permissions import WebAclPermissions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.apigateway import Gateway
    from sandbox.cognito import Cognito
    from sandbox.custom_domain.cloudfront_edge import CloudFrontEdge
    from sandbox.dns import DnsServers
    from sandbox.health_checkers.scheduler import HealthCheckerFleet
    from sandbox.monitoring import Monitoring
    from sandbox.route53 import Route53
    from sandbox.secretsmanager import Rotations


_ALARM_INTERVAL_SECONDS = 10
"""Interval between evaluations of alarms."""

_DISTRIBUTING_SECONDS = 5.0
"""Duration of a change of a custom domain; minutes on AWS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """Configuration of a sandbox.

    Attributes
    ----------
    folder
        Folder of the sandbox's state. The start empties it.
    target_names
        The host names of the targets, in every Region.
    creating_seconds, lag_seconds
        Cognito's replication: time until a new replica is INACTIVE, and until a change arrives.
    propagation_seconds
        Time until a change of Route 53 is INSYNC.
    check_pace
        Speed factor of Route 53's health checkers relative to AWS.
    health_propagation_seconds
        Time until name servers apply a changed status of a health check.
    is_temporary
        Whether the stop deletes the folder.

    """

    network: SandboxNetwork
    folder: Path
    target_names: tuple[str, ...]
    creating_seconds: float
    lag_seconds: float
    propagation_seconds: float
    check_pace: float = 1.0
    health_propagation_seconds: float = 10.0
    is_temporary: bool = False


class SandboxServer:
    """A running sandbox; one per process."""

    def __init__(self, config: SandboxConfig) -> None:
        self._config = config
        self._network = config.network
        self.faults = Faults(config.network.regions)
        self._control = HttpListener(
            config.network.control_address,
            CONTROL_PORT,
            connection_filter=lambda _source: ConnectionEffect.OPEN,
            endpoint=build_control_endpoint(self.faults, lambda: self._settings),
        )
        self._settings = DurationSettings({})  # start() fills it
        self._listeners: list[tuple[HttpListener, Callable[[], bool]]] = []
        self._close_callbacks: list[Callable[[], Awaitable[None]]] = []
        self._stopping_functions: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Build all services and start to listen.

        Raises
        ------
        OSError
            If an address is taken: another sandbox runs on this network.

        """
        # First, because it fails if another sandbox uses this network. That sandbox's folder must not be emptied.
        self._control.open()
        folder, network = self._config.folder, self._network
        shutil.rmtree(folder, ignore_errors=True)
        authority = CertificateAuthority(folder / "tls")
        link_runtime_packages(folder / "runtime")
        configure_process(
            EngineConfig(
                folder=folder,
                home_region=network.regions[0],
                address=network.get_api_address(network.regions[0]),
                function_environment=build_function_environment(
                    network, authority.certificate_path, folder / "runtime"
                ),
            )
        )
        emulator = Emulator()
        await emulator.start()
        gateway = self._build_gateway()
        cognito, route53 = self._build_services(gateway)
        engine = RequestDispatcher(network, self.faults, emulator, cognito.intercept, gateway)
        edge = self._build_edge(engine, cognito, route53, authority)
        monitoring = self._build_monitoring(route53)
        rotations = self._register_rotation(emulator)
        self._settings = DurationSettings(
            {
                "creating_seconds": DurationSetting(cognito.timing, "creating_seconds"),
                "deleting_seconds": DurationSetting(cognito.timing, "deleting_seconds"),
                "lag_seconds": DurationSetting(cognito.timing, "lag_seconds"),
                "propagation_seconds": DurationSetting(route53, "propagation_seconds"),
                "processing_seconds": DurationSetting(route53, "processing_seconds"),
                "distributing_seconds": DurationSetting(cognito.domain_timing, "distributing_seconds"),
                "routing_seconds": DurationSetting(edge.routing, "reaction_seconds"),
                "origin_seconds": DurationSetting(edge.distribution, "origin_seconds"),
                "secret_replicating_seconds": DurationSetting(rotations, "replicating_seconds"),
                "health_propagation_seconds": DurationSetting(route53.health_statuses, "propagation_seconds"),
                "alarms_ahead_seconds": DurationSetting(monitoring, "ahead_seconds"),
            }
        )
        emulator.intercept(COGNITO_SERVICE, cognito.intercept)
        emulator.replace_service("route53", route53.handle)
        registrar = self._register_account_services(emulator, route53)
        self._register_health_checks(emulator, route53)
        self._register_replicas(emulator, cognito)
        self._register_nested_stacks(emulator)
        emulator.restrict_to_regions(
            lambda region: not self.faults.is_dead(region), is_delivering_twice=self.faults.is_delivering_twice
        )
        self.faults.add_listeners(before=cognito.deliver_changes, after=partial(self._apply_faults, emulator))
        self._listen(engine, authority)
        edge.open()
        dns = await self._serve_dns(route53, cognito, registrar)
        alarm_task = asyncio.create_task(self._evaluate_alarms(monitoring))
        health_check_task = asyncio.create_task(self._build_fleet(route53, dns).run())
        self._close_callbacks = [
            edge.close,
            partial(_cancel, health_check_task),
            partial(_cancel, alarm_task),
            emulator.stop,
            dns.close,
        ]
        (folder / READY_FILE).write_text(json.dumps(self.describe(), indent=2))

    async def stop(self) -> None:
        """Stop all services and Lambda functions."""
        (self._config.folder / READY_FILE).unlink(missing_ok=True)
        # Close the listeners before the engine: functions that still run must not call a partly stopped engine.
        for listener, _ in self._listeners:
            await listener.close()
        for close in self._close_callbacks:
            await close()
        if self._config.is_temporary:
            # Before the control port is free: after that, another sandbox on this network uses the same folder.
            shutil.rmtree(self._config.folder, ignore_errors=True)
        await self._control.close()

    def describe(self) -> dict[str, Any]:
        """Return the addresses and names of the sandbox, as written to the ready file."""
        network = self._network
        return {
            "network": network.prefix,
            "regions": list(network.regions),
            "primary": network.regions[0],
            "standby": network.regions[1],
            "account": ACCOUNT,
            "credentials": get_admin_credentials(),
            "certificate": str(self._config.folder / "tls" / "ca.pem"),
            "api": {region: network.get_api_address(region) for region in network.regions},
            "inside": {region: network.get_inside_address(region) for region in network.regions},
            "targets": {region: network.get_target_address(region) for region in network.regions},
            "target_names": list(self._config.target_names),
            "name_servers": list(network.name_servers),
            "resolver": network.resolver,
            "distribution": network.distribution,
            "control": f"http://{network.control_address}:{CONTROL_PORT}",
            "ports": {"https": HTTPS_PORT, "http": HTTP_PORT, "dns": DNS_PORT, "control": CONTROL_PORT},
        }

    def _build_services(self, gateway: "Gateway") -> tuple["Cognito", "Route53"]:
        # Late imports: these modules import the engine, which reads the environment that configure_process() prepares.
        from sandbox.cognito import Cognito  # noqa: PLC0415
        from sandbox.custom_domain.dns_check import has_ipv4_address  # noqa: PLC0415
        from sandbox.route53 import Route53  # noqa: PLC0415

        route53 = Route53(
            clock=time.time,
            propagation_seconds=self._config.propagation_seconds,
            find_service_address=lambda name: self._find_host_address(cognito, name),
        )

        def decide_by_web_acl(arn: str, request: EndpointRequest) -> FirewallAction:
            inspected = InspectedRequest(
                method=request.method, path=request.path, headers=request.headers, source_address=""
            )
            return gateway.decide_by_web_acl(arn, inspected, account=request.account, region=request.region)

        cognito = Cognito(
            clock=time.time,
            creating_seconds=self._config.creating_seconds,
            lag_seconds=self._config.lag_seconds,
            distributing_seconds=_DISTRIBUTING_SECONDS,
            is_connected=self.faults.is_connected,
            has_health_check=lambda account, check_id: check_id in route53.health_checks.list_ids(account),
            has_address=partial(has_ipv4_address, route53),
            decide_by_web_acl=decide_by_web_acl,
        )
        route53.health_statuses.propagation_seconds = self._config.health_propagation_seconds
        return cognito, route53

    def _build_gateway(self) -> "Gateway":
        from sandbox.apigateway import Gateway  # noqa: PLC0415 - as above

        return Gateway(time.time)

    def _find_host_address(self, cognito: "Cognito", name: str) -> str | None:
        """Return the address of an AWS host by its name in lower case."""
        service_address = self._network.resolve_service(name)
        return service_address or (self._network.distribution if cognito.domains.is_distribution(name) else None)

    def _build_edge(
        self, engine: RequestDispatcher, cognito: "Cognito", route53: "Route53", authority: CertificateAuthority
    ) -> "CloudFrontEdge":
        from sandbox.custom_domain.cloudfront_edge import CloudFrontEdge  # noqa: PLC0415 - as above

        return CloudFrontEdge(
            address=self._network.distribution,
            port=HTTPS_PORT,
            authority=authority,
            cognito=cognito,
            faults=self.faults,
            apply_faults=engine.apply_faults,
            find_caller_region=self._network.find_caller_region,
            is_healthy=lambda check_id: route53.is_healthy(check_id),  # noqa: PLW0108 - the attribute may be replaced
            clock=time.time,
        )

    def _build_monitoring(self, route53: "Route53") -> "Monitoring":
        from sandbox.health_checkers.metric_stream import MetricStream  # noqa: PLC0415 - as above
        from sandbox.monitoring import Monitoring  # noqa: PLC0415 - as above

        monitoring = Monitoring(is_region_alive=lambda region: not self.faults.is_dead(region))
        stream = MetricStream(monitoring, is_reachable=self.faults.can_reach_global_hosts, clock=time.time)
        route53.health_checks.read_alarm_settings = stream.read_alarm_settings
        route53.health_statuses.evaluate_metric = stream.evaluate_health
        return monitoring

    async def _evaluate_alarms(self, monitoring: "Monitoring") -> None:
        while True:
            await asyncio.sleep(_ALARM_INTERVAL_SECONDS)
            # In a thread: an alarm's action may run a Lambda function.
            await asyncio.to_thread(monitoring.evaluate_all)

    @staticmethod
    def _register_account_services(emulator: Emulator, route53: "Route53") -> DomainRegistrar:
        """Register the account services that the engine lacks: quotas, text messages, domains, web ACL permissions."""
        registrar = DomainRegistrar(route53.list_name_servers)
        service_quotas = ServiceQuotas()
        emulator.add_service(quotas.SERVICE, quotas.TARGET_PREFIX, service_quotas.handle)
        emulator.intercept(COGNITO_SERVICE, ProvisionedLimits(service_quotas).intercept)
        emulator.add_service(domain_registrar.SERVICE, domain_registrar.TARGET_PREFIX, registrar.handle)
        emulator.intercept(sms_settings.SERVICE, SmsSettings().intercept)
        emulator.intercept(sms_settings.SERVICE, MailSubscriptions().intercept)
        linked_roles = ServiceLinkedRoles(emulator.authorize)
        for service in service_linked_roles.SERVICES:
            emulator.intercept(service, linked_roles.intercept)
        emulator.intercept(web_acl_permissions.SERVICE, WebAclPermissions(emulator.authorize).intercept)
        return registrar

    async def _serve_dns(self, route53: "Route53", cognito: "Cognito", registrar: DomainRegistrar) -> "DnsServers":
        from sandbox.dns import DnsAddresses, serve_dns  # noqa: PLC0415 - as above
        from sandbox.dns.parent_zone import ParentZoneServer  # noqa: PLC0415 - as above

        network = self._network
        return await serve_dns(
            route53=route53,
            addresses=DnsAddresses(
                name_servers=(*network.name_servers, *network.other_name_servers),
                resolver=network.resolver,
                port=DNS_PORT,
                registry=network.registry,
            ),
            clock=time.time,
            resolve_service=partial(self._find_host_address, cognito),
            is_reachable=self._is_reachable,
            registry=ParentZoneServer(list_zones=lambda: route53.public_zones, registrar=registrar),
        )

    def _register_health_checks(self, emulator: Emulator, route53: "Route53") -> None:
        from sandbox.route53.cloudformation import HEALTH_CHECK, HealthCheckResources  # noqa: PLC0415 - as above

        def is_answering(operation: str) -> bool:
            _, region = emulator.get_current_scope()
            return self.faults.can_call("route53", operation, region=CONTROL_PLANE_REGION, caller_region=region)

        checks = HealthCheckResources(
            route53=route53, get_account=lambda: emulator.get_current_scope()[0], is_answering=is_answering
        )
        emulator.register_resource_type(HEALTH_CHECK, create=checks.create, update=checks.update, delete=checks.delete)

    def _register_replicas(self, emulator: Emulator, cognito: "Cognito") -> None:
        from sandbox.cognito.cloudformation import (  # noqa: PLC0415 - as above
            REGIONAL_CONFIGURATION,
            USER_POOL,
            USER_POOL_REPLICA,
            RegionalConfigurationResources,
            UserPoolReplicaResources,
            build_user_pool_handlers,
        )

        get_scope = emulator.get_current_scope
        for resource_type, handlers in (
            (USER_POOL_REPLICA, UserPoolReplicaResources(cognito=cognito, get_scope=get_scope)),
            (REGIONAL_CONFIGURATION, RegionalConfigurationResources(cognito=cognito, get_scope=get_scope)),
            (REPLICA_KEY, emulator.build_replica_key_resources()),
        ):
            emulator.register_resource_type(
                resource_type, create=handlers.create, update=handlers.update, delete=handlers.delete
            )
        emulator.extend_resource_type(USER_POOL, lambda engine: build_user_pool_handlers(engine, cognito, get_scope))

    @staticmethod
    def _register_nested_stacks(emulator: Emulator) -> None:
        stacks = NestedStackResources()
        emulator.register_resource_type(NESTED_STACK, create=stacks.create, update=stacks.update, delete=stacks.delete)
        emulator.intercept("cloudformation", restore_template_urls)
        emulator.intercept("cloudformation", validate_stack_policy)

    @staticmethod
    def _register_rotation(emulator: Emulator) -> "Rotations":
        from sandbox.secretsmanager.cloudformation import ROTATION_SCHEDULE, RotationScheduleResources  # noqa: PLC0415
        from sandbox.secretsmanager.rotations import Rotations  # noqa: PLC0415 - as above

        rotations = Rotations(emulator, clock=time.time)
        schedules = RotationScheduleResources(rotations, emulator.get_current_scope)
        emulator.intercept("secretsmanager", rotations.intercept)
        emulator.register_resource_type(
            ROTATION_SCHEDULE, create=schedules.create, update=schedules.update, delete=schedules.delete
        )
        return rotations

    def _build_fleet(self, route53: "Route53", dns: "DnsServers") -> "HealthCheckerFleet":
        from sandbox.health_checkers.network import build_fleet  # noqa: PLC0415 - as above

        return build_fleet(self._network, self.faults, route53, dns, speed_factor=self._config.check_pace)

    async def _is_reachable(self, source_address: str, server_address: str) -> bool:
        """Return whether a DNS query arrives. The resolver is in every Region, the name servers are in none."""
        region = self._network.find_caller_region(source_address)
        if region is not None and self.faults.is_dead(region):
            return False
        return server_address == self._network.resolver or self.faults.can_query_name_servers(region)

    def _listen(self, engine: RequestDispatcher, authority: CertificateAuthority) -> None:
        network = self._network
        for region in network.regions:
            api_address, target_address = network.get_api_address(region), network.get_target_address(region)
            api_context = authority.build_server_context(region, [*network.list_certificate_names(region), api_address])
            target_context = authority.build_server_context(
                f"{region}-target", [*self._config.target_names, target_address]
            )
            for address, port, context, service, endpoint in (
                (api_address, HTTPS_PORT, api_context, None, engine.build_api_endpoint(region)),
                (api_address, HTTP_PORT, None, None, engine.build_api_endpoint(region)),
                (
                    target_address,
                    HTTPS_PORT,
                    target_context,
                    TARGET_SERVICE,
                    engine.build_target_endpoint(region, self._config.target_names),
                ),
            ):
                listener = HttpListener(
                    address,
                    port,
                    context=context,
                    connection_filter=self._build_connection_filter(region, service),
                    endpoint=endpoint,
                )
                listener.open()
                self._listeners.append((listener, partial(self.faults.is_refusing_all, region, service)))

    def _build_connection_filter(self, region: str, service: str | None) -> ConnectionFilter:
        def filter_connection(source_address: str) -> ConnectionEffect:
            caller_region = self._network.find_caller_region(source_address)
            return self.faults.find_connection_effect(caller_region=caller_region, region=region, service=service)

        return filter_connection

    def _apply_faults(self, emulator: Emulator) -> None:
        for listener, is_refusing in self._listeners:
            if is_refusing():
                listener.stop_listening()
            else:
                listener.open()
        for region in self._network.regions:
            if self.faults.is_dead(region):
                task = asyncio.create_task(asyncio.to_thread(emulator.stop_functions, region))
                self._stopping_functions.add(task)
                task.add_done_callback(self._stopping_functions.discard)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
