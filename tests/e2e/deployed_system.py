"""A controller deployed into a sandbox of its own, with everything around it that a test looks through."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from demo.deployment import BUILT_TEMPLATE, deploy, from_reference_setup
from demo.external_clients import NameServerClient, SignInLoad
from demo.external_monitor import make_application
from sandbox.reference_setup import setup
from sandbox.testing import run_sandbox
from tests.e2e.dns_monitor import DnsMonitor
from tests.e2e.inbox import NotificationInbox
from tests.e2e.retrying import RetryingDeployment, RetryingSandbox
from tests.support import load_scaling

SHORT_TIMING_PARAMETERS = {"SuspectRounds": "2", "RecoveryRounds": "3", "CoolDownSeconds": "150"}
"""Parameters with which a day is short where the defaults are not the point."""

DOMAIN, LOGIN_DOMAIN = "auth.example.com", "login.example.com"

_SANDBOX_ARGUMENTS = ("--creating-seconds", "1", "--propagation-seconds", "2")
_POLL_SECONDS = 0.5
_STATUS_POLL_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedSystem:
    """What a test of a deployed controller has at hand.

    Attributes
    ----------
    sandbox, set_up, deployment
        The world, the replicated pool with its zone, and the controller's stack.
    overrides
        The parameters it was deployed with, besides those that must be given.
    inbox
        What people and programs were told.
    watch
        Where the name servers sent users, all the time.

    """

    sandbox: RetryingSandbox
    set_up: setup.SetupResult
    deployment: RetryingDeployment
    overrides: Mapping[str, str]
    inbox: NotificationInbox
    dns_monitor: DnsMonitor

    @property
    def primary(self) -> str:
        """The pool's primary Region."""
        return self.deployment.primary

    @property
    def standby(self) -> str:
        """The replica's Region, in which the controller runs."""
        return self.deployment.standby

    def get_client(self, service: str, region: str | None = None) -> Any:
        """Return the administrator's client of a Region, the standby unless told otherwise."""
        return self.sandbox.client(service, region or self.standby)

    def get_output(self, name: str) -> str:
        """Return an output of the stack."""
        stack = self.get_client("cloudformation").describe_stacks(StackName=self.deployment.stack_name)["Stacks"][0]
        return next(str(output["OutputValue"]) for output in stack["Outputs"] if output["OutputKey"] == name)

    def start_controller(self) -> None:
        """Start the controller now, rather than when its schedule first fires, up to a minute later."""
        self.get_client("lambda").invoke(FunctionName=self.get_output("ControllerFunctionName"), InvocationType="Event")

    def get_status(self) -> dict[str, Any]:
        """Ask the operator function how things stand; nothing if it doesn't answer or can't tell."""
        try:
            status: dict[str, Any] = self.deployment.invoke_operator("status").get("status", {})
        except (BotoCoreError, ClientError, RuntimeError):  # a busy machine may take longer than the function may
            return {}
        return {} if "problem" in status else status

    def wait_for_status_answer(self) -> dict[str, Any]:
        """Return how things stand, asked until the operator function can tell."""
        return self.wait_for_status("the operator function can tell", bool)

    def inject_fault(self, name: str, **fault: object) -> float:
        """Put a fault in force, and return when."""
        self.sandbox.call_control("PUT", f"/faults/{name}", fault)
        return time.time()

    def clear_fault(self, name: str) -> float:
        """End a fault, and return when."""
        self.sandbox.call_control("DELETE", f"/faults/{name}")
        return time.time()

    def clear_faults(self) -> None:
        """End all faults."""
        self.sandbox.call_control("DELETE", "/faults")

    def disable_schedule(self, schedule: str) -> float:
        """Let a schedule of the stack start nothing any more, and return when."""
        self.update_schedule(schedule, State="DISABLED")
        return time.time()

    def update_schedule(self, schedule: str, **changes: str) -> None:
        """Change a schedule of the stack, and leave the rest of it."""
        scheduler = self.get_client("scheduler")
        name = {"Name": schedule, "GroupName": self.deployment.stack_name}
        found = scheduler.get_schedule(**name)
        kept = {each: found[each] for each in ("ScheduleExpression", "FlexibleTimeWindow", "Target")}
        scheduler.update_schedule(**{**name, **kept, **changes})

    def wait_until(
        self, what: str, seen: Callable[[], bool], *, at_most_seconds: float = load_scaling.MIN_WAIT_SECONDS
    ) -> float:
        """Wait until something is seen, and return when; the limit is never tighter than `patience.wait_limit`.

        Raises
        ------
        AssertionError
            If it isn't seen in time.

        """
        limit_seconds = load_scaling.get_wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        while not seen():
            in_time = time.monotonic() < until
            assert in_time, f"within {limit_seconds:.0f} s it was not seen that {what}: {self.get_status()}"
            time.sleep(_POLL_SECONDS)
        return time.time()

    def wait_for_status(
        self,
        what: str,
        seen: Callable[[dict[str, Any]], bool],
        *,
        at_most_seconds: float = load_scaling.MIN_WAIT_SECONDS,
    ) -> dict[str, Any]:
        """Wait until the status shows something, and return it; the limit is as in `until`."""
        limit_seconds = load_scaling.get_wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        while not ((status := self.get_status()) and seen(status)):
            in_time = time.monotonic() < until
            assert in_time, f"within {limit_seconds:.0f} s the status never showed that {what}: {status}"
            time.sleep(_STATUS_POLL_SECONDS)
        return status

    def wait_until_steady(self, *, at_most_seconds: float = 200) -> dict[str, Any]:
        """Wait until the controller runs, judges, and finds both Regions healthy."""

        def is_steady(status: dict[str, Any]) -> bool:
            return status.get("phase") == "steady" and all(
                region["verdict"] == "healthy" for region in status["regions"].values()
            )

        return self.wait_for_status("all is well", is_steady, at_most_seconds=at_most_seconds)

    def list_records(self) -> list[dict[str, Any]]:
        """Return the record sets that steer the domain, as Route 53 has them."""
        answer = self.get_client("route53").list_resource_record_sets(HostedZoneId=self.set_up.zone.id)
        return [each for each in answer["ResourceRecordSets"] if each["Name"] == f"{DOMAIN}."]

    def list_thrown_latches(self) -> set[str]:
        """Return the latches whose object is there."""
        listed = self.get_client("s3").list_objects_v2(Bucket=self.get_output("LatchBucketName"))
        return {each["Key"] for each in listed.get("Contents", ())}

    def are_latches_attached(self) -> bool:
        """Tell whether the controller goes by every latch it has."""
        latches = self.get_status().get("latches", {})
        return bool(latches) and all(latch["attached"] for latch in latches.values())

    def restore(self, *, users_on: str | None = None) -> None:
        """Bring the deployment to a known state, whatever a failed test has left behind.

        No fault is in force, the replica is active and nearly without lag, nothing is under way, held or paused, both
        Regions are healthy, and all users are in one Region: the primary unless another one is given.
        """
        goal = users_on or self.primary
        self.clear_faults()
        self.sandbox.call_control("PUT", "/settings", {"lag_seconds": 1, "alarms_ahead_seconds": 0})
        self.get_client("cognito-idp", self.primary).update_user_pool_replica(
            UserPoolId=self.set_up.pool_id, RegionName=self.standby, Status="ACTIVE"
        )
        self._end_what_is_under_way()
        for action in ("resume", "acknowledge"):
            self.deployment.invoke_until_done(action, reason="A test before this one has failed")
        if self.wait_until_steady()["active_region"] != goal:
            action, pace = ("failback", {"mode": "all-at-once"}) if goal == self.primary else ("failover", {})
            self.deployment.invoke_until_done(action, reason="A test before this one has failed", **pace)
            self.wait_for_status(
                f"users are on {goal}", lambda status: status["move"] is None and status["active_region"] == goal
            )
        self.wait_until(f"all name servers send users to {goal}", lambda: self.dns_monitor.current_regions == goal)

    def _end_what_is_under_way(self) -> None:
        """Abort the drill if there is one, and wait until no move is under way."""
        if self.wait_for_status_answer().get("drill"):
            self.deployment.invoke_operator("abort", reason="A test before this one has failed")
        self.wait_for_status("nothing is under way", lambda status: not status.get("drill") and not status["move"])

    def attach_or_detach(self, action: str, *, at_most_seconds: float = 200) -> str:
        """Attach or detach the latches as a person does, repeating the event; return what was said last.

        Raises
        ------
        AssertionError
            If that is refused, or not done in time.

        """
        limit_seconds = load_scaling.get_wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        token = f"e2e-{action}-{uuid4().hex[:8]}"
        while True:
            answer = self.deployment.invoke_operator(action, reason=f"A test wants to {action}", token=token)
            assert "refused_by" not in answer, answer["message"]
            if answer["done"]:
                return str(answer["message"])
            assert time.monotonic() < until, f"not done within {limit_seconds:.0f} s: {answer['message']}"
            time.sleep(_STATUS_POLL_SECONDS)

    def read_log(self) -> str:
        """Return everything that both functions have written to their logs."""
        logs = self.get_client("logs")
        lines: list[str] = []
        for function in ("controller", "operator"):
            group = f"/aws/lambda/{self.deployment.stack_name}-{function}"
            for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
                events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], limit=10_000)
                lines += [event["message"] for event in events["events"]]
        return "\n".join(lines)


@contextmanager
def deploy_system(
    *sandbox_arguments: str,
    overrides: Mapping[str, str] | None = None,
    managed_login: bool = False,
    records: bool = True,
) -> Iterator[DeployedSystem]:
    """Deploy the built template into a sandbox of its own.

    Parameters
    ----------
    sandbox_arguments
        Further arguments of the sandbox.
    overrides
        Parameters other than those that must be given.
    managed_login
        Whether the pool has a custom domain of Cognito's own, which is to be moved too.
    records
        Whether the domain's weighted records are there before the controller, or its to create.

    """
    assert BUILT_TEMPLATE.is_file(), "the app isn't built; run: make sandbox-app"
    with run_sandbox(*_SANDBOX_ARGUMENTS, *sandbox_arguments) as started:
        sandbox = RetryingSandbox(started.description)
        description = sandbox.description
        plan = setup.SetupPlan(
            primary=description["primary"],
            standby=description["standby"],
            addresses=description["targets"],
            domain=DOMAIN,
            weighted_records=records,
            login_domain=LOGIN_DOMAIN if managed_login else None,
        )
        set_up = setup.set_up(sandbox.client, plan, time.sleep)
        deployment = RetryingDeployment.from_deployment(
            deploy(sandbox, from_reference_setup(sandbox, set_up), overrides=overrides)
        )
        topic_arn = sandbox.client("sns", deployment.standby).list_topics()["Topics"][0]["TopicArn"]
        watch = DnsMonitor(
            NameServerClient(
                description["name_servers"],
                description["ports"]["dns"],
                plan.domain,
                {f"{target.lower()}.": region for region, target in set_up.targets.items()},
            )
        )
        watch.start()
        try:
            yield DeployedSystem(
                sandbox=sandbox,
                set_up=set_up,
                deployment=deployment,
                overrides=overrides or {},
                inbox=NotificationInbox(sandbox, deployment.standby, topic_arn),
                dns_monitor=watch,
            )
        finally:
            watch.stop()


def make_sign_in_load(deployed: DeployedSystem) -> SignInLoad:
    """Return users who sign in through the domain, as often as this machine can serve."""
    application = make_application(deployed.deployment, setup.SetupPlan(addresses={}).domain)
    return SignInLoad(application, per_second=max(1.0, 5.0 / load_scaling.get_factor()))


@contextmanager
def run_sign_in_load(deployed: DeployedSystem) -> Iterator[SignInLoad]:
    """Keep users signing in through the domain."""
    people = make_sign_in_load(deployed)
    people.start()
    try:
        yield people
    finally:
        people.stop()
