"""A controller deployed into a new sandbox, with the monitors that a test needs."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.routing.latch.s3_switch import S3LatchSwitch
from demo.deployment import BUILT_TEMPLATE, ROOT, deploy, from_reference_setup
from demo.external_clients import NameServerClient, SignInLoad
from demo.external_monitor import make_application
from sandbox.client import SandboxClient
from sandbox.reference_setup import setup
from sandbox.testing import run_sandbox
from tests.e2e.dns_monitor import DnsMonitor
from tests.e2e.inbox import NotificationInbox
from tests.e2e.retrying import RetryingDeployment, RetryingSandbox
from tests.support import load_scaling

SHORT_TIMING_PARAMETERS = {"SuspectRounds": "2", "RecoveryRounds": "3", "CoolDownSeconds": "150"}
"""Parameters that shorten a test that does not depend on the defaults."""

DOMAIN, LOGIN_DOMAIN = "auth.example.com", "login.example.com"

type Preparation = Callable[[SandboxClient, setup.SetupResult], None]
"""Changes a setup before the controller is deployed."""

_SANDBOX_ARGUMENTS = ("--creating-seconds", "1", "--propagation-seconds", "2")
_POLL_SECONDS = 0.5
_STATUS_POLL_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedSystem:
    """A deployed controller with its environment.

    Attributes
    ----------
    sandbox, set_up, deployment
        The sandbox, the replicated pool with its zone, and the controller's stack.
    overrides
        The stack's optional parameters.
    inbox
        All messages and events.
    dns_monitor
        All changes of the name servers' answers.

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
        """The replica's Region, where the controller runs."""
        return self.deployment.standby

    def get_client(self, service: str, region: str | None = None) -> Any:
        """Return the administrator's client in a Region (default: the standby)."""
        return self.sandbox.client(service, region or self.standby)

    def get_output(self, name: str) -> str:
        """Return an output of the stack."""
        stack = self.get_client("cloudformation").describe_stacks(StackName=self.deployment.stack_name)["Stacks"][0]
        return next(str(output["OutputValue"]) for output in stack["Outputs"] if output["OutputKey"] == name)

    def start_controller(self) -> None:
        """Start the controller now. Its schedule would start it up to a minute later."""
        self.get_client("lambda").invoke(FunctionName=self.get_output("ControllerFunctionName"), InvocationType="Event")

    def get_status(self) -> dict[str, Any]:
        """Return the status from the operator function. Empty if it does not answer or has no status."""
        try:
            status: dict[str, Any] = self.deployment.invoke_operator("status").get("status", {})
        except (BotoCoreError, ClientError, RuntimeError):  # a busy machine may take longer than the function may
            return {}
        return {} if "problem" in status else status

    def wait_for_status_answer(self) -> dict[str, Any]:
        """Wait until the operator function returns a status, and return it."""
        return self.wait_for_status("the operator function returns a status", bool)

    def inject_fault(self, name: str, **fault: object) -> float:
        """Activate a fault, and return the time."""
        self.sandbox.call_control("PUT", f"/faults/{name}", fault)
        return time.time()

    def clear_fault(self, name: str) -> float:
        """Remove a fault, and return the time."""
        self.sandbox.call_control("DELETE", f"/faults/{name}")
        return time.time()

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.sandbox.call_control("DELETE", "/faults")

    def disable_schedule(self, schedule: str) -> float:
        """Disable a schedule of the stack, and return the time."""
        self.update_schedule(schedule, State="DISABLED")
        return time.time()

    def update_schedule(self, schedule: str, **changes: str) -> None:
        """Change some properties of a schedule of the stack."""
        scheduler = self.get_client("scheduler")
        name = {"Name": schedule, "GroupName": self.deployment.stack_name}
        current = scheduler.get_schedule(**name)
        kept = {key: current[key] for key in ("ScheduleExpression", "FlexibleTimeWindow", "Target")}
        scheduler.update_schedule(**{**name, **kept, **changes})

    def wait_until(
        self, description: str, condition: Callable[[], bool], *, at_most_seconds: float = load_scaling.MIN_WAIT_SECONDS
    ) -> float:
        """Wait until a condition holds, and return the time. The limit is at least `load_scaling.get_wait_limit`.

        Raises
        ------
        AssertionError
            If it does not hold in time.

        """
        limit_seconds = load_scaling.get_wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        while not condition():
            in_time = time.monotonic() < until
            assert in_time, f"timed out after {limit_seconds:.0f} s, waiting until {description}: {self.get_status()}"
            time.sleep(_POLL_SECONDS)
        return time.time()

    def wait_for_status(
        self,
        description: str,
        condition: Callable[[dict[str, Any]], bool],
        *,
        at_most_seconds: float = load_scaling.MIN_WAIT_SECONDS,
    ) -> dict[str, Any]:
        """Wait until the status meets a condition, and return the status. The limit is as in `wait_until`."""
        limit_seconds = load_scaling.get_wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        while not ((status := self.get_status()) and condition(status)):
            in_time = time.monotonic() < until
            assert in_time, f"timed out after {limit_seconds:.0f} s, waiting until {description}: {status}"
            time.sleep(_STATUS_POLL_SECONDS)
        return status

    def wait_until_steady(self, *, at_most_seconds: float = 200) -> dict[str, Any]:
        """Wait until the controller is steady and both Regions are healthy."""

        def is_steady(status: dict[str, Any]) -> bool:
            return status.get("phase") == "steady" and all(
                region["verdict"] == "healthy" for region in status["regions"].values()
            )

        return self.wait_for_status(
            "the controller is steady and both Regions are healthy", is_steady, at_most_seconds=at_most_seconds
        )

    def wait_for_rounds(self, count: int) -> float:
        """Wait until the controller has made so many rounds from now on, and return the time."""
        rounds = {self.wait_for_status_answer()["last_round"]}

        def are_made(status: dict[str, Any]) -> bool:
            rounds.add(status["last_round"])
            return len(rounds) > count

        self.wait_for_status(f"the controller has made {count} rounds", are_made)
        return time.time()

    def wait_until_dns_sends_users_to(self, region: str) -> float:
        """Wait until all name servers send users to a Region, and return the time."""
        return self.wait_until(
            f"all name servers send users to {region}", lambda: self.dns_monitor.current_regions == region
        )

    def throw_latches_by_script(self, *, to: str, only: str = "") -> float:
        """Set or release the latches with the break-glass script, as a person does, and return the time."""
        bucket = self.get_output("LatchBucketName")
        finished = subprocess.run(  # noqa: S603 - a script of this repository
            [
                *(sys.executable, str(ROOT / "scripts" / "break_glass_latch.py"), "--yes", "--to", to),
                *("--bucket", bucket, "--region", self.standby, *(("--only", only) if only else ())),
            ],
            env=self.sandbox.build_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return time.time()

    def wait_until_drill_is_possible(self) -> None:
        """Wait until no rule blocks a drill."""

        def is_possible() -> bool:
            answer = self.deployment.invoke_operator(
                "drill", kind="switchover", reason="Dry run", token="dry-run", dry_run=True
            )
            return "violations" in answer and not answer["violations"]

        self.wait_until("no rule blocks a drill", is_possible)

    def list_records(self) -> list[dict[str, Any]]:
        """Return the domain's record sets from Route 53."""
        answer = self.get_client("route53").list_resource_record_sets(HostedZoneId=self.set_up.zone.id)
        return [record for record in answer["ResourceRecordSets"] if record["Name"] == f"{DOMAIN}."]

    def list_thrown_latches(self) -> set[str]:
        """Return the latches whose object holds the token."""
        s3, bucket = self.get_client("s3"), self.get_output("LatchBucketName")
        return {name.value for name in SteeredName if S3LatchSwitch(lambda: s3, bucket=bucket, key=name.value).read()}

    def are_latches_attached(self) -> bool:
        """Return whether the controller reports all its latches as attached."""
        latches = self.get_status().get("latches", {})
        return bool(latches) and all(latch["attached"] for latch in latches.values())

    def restore(self, *, users_on: str | None = None) -> None:
        """Bring the deployment to a known state after a failed test.

        No fault is active, the replica is active with hardly any lag, and nothing is in progress, held or paused. Both
        Regions are healthy, and all users are in one Region (default: the primary).
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
        decided = self.wait_until_steady()["active_region"]
        if {decided, self.dns_monitor.current_regions} != {goal}:
            action, options = ("failback", {"mode": "all-at-once"}) if goal == self.primary else ("failover", {})
            self.deployment.invoke_until_done(action, reason="A test before this one has failed", **options)
            self.wait_for_status(
                f"users are on {goal}", lambda status: status["move"] is None and status["active_region"] == goal
            )
        self.wait_until_dns_sends_users_to(goal)

    def _end_what_is_under_way(self) -> None:
        """Abort the drill if there is one, and wait until no move is in progress."""
        if self.wait_for_status_answer().get("drill"):
            self.deployment.invoke_operator("abort", reason="A test before this one has failed")
        self.wait_for_status(
            "no drill and no move is in progress", lambda status: not status.get("drill") and not status["move"]
        )

    def attach_or_detach(self, action: str, *, at_most_seconds: float = 200) -> str:
        """Attach or detach the latches as a person does, by repeating the event. Return the last message.

        Raises
        ------
        AssertionError
            If the request is refused, or not done in time.

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
        """Return the log lines of the controller and of the operator function."""
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
    prepare: Preparation | None = None,
) -> Iterator[DeployedSystem]:
    """Deploy the built template into a new sandbox.

    Parameters
    ----------
    sandbox_arguments
        Further arguments of the sandbox.
    overrides
        Optional parameters of the stack.
    managed_login
        Whether the pool has a custom domain of managed login, which the controller moves too.
    records
        Whether the domain's weighted records exist before the controller. Otherwise the controller creates them.
    prepare
        Called after the setup and before the deployment, if given.

    """
    assert BUILT_TEMPLATE.is_file(), "the app is not built; run: make sandbox-app"
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
        if prepare:
            prepare(sandbox, set_up)
        deployment = RetryingDeployment.from_deployment(
            deploy(sandbox, from_reference_setup(sandbox, set_up), overrides=overrides)
        )
        topic_arn = sandbox.client("sns", deployment.standby).list_topics()["Topics"][0]["TopicArn"]
        dns_monitor = DnsMonitor(
            NameServerClient(
                description["name_servers"],
                description["ports"]["dns"],
                plan.domain,
                {
                    **{f"{target.lower()}.": region for region, target in set_up.targets.items()},
                    **{address: region for region, address in description["targets"].items()},
                },
            )
        )
        dns_monitor.start()
        try:
            yield DeployedSystem(
                sandbox=sandbox,
                set_up=set_up,
                deployment=deployment,
                overrides=overrides or {},
                inbox=NotificationInbox(sandbox, deployment.standby, topic_arn),
                dns_monitor=dns_monitor,
            )
        finally:
            dns_monitor.stop()


def make_sign_in_load(deployed: DeployedSystem) -> SignInLoad:
    """Return a load of sign-ins through the domain, at a rate that this machine can serve."""
    application = make_application(deployed.deployment, setup.SetupPlan(addresses={}).domain)
    return SignInLoad(application, per_second=max(1.0, 5.0 / load_scaling.get_factor()))


@contextmanager
def run_sign_in_load(deployed: DeployedSystem) -> Iterator[SignInLoad]:
    """Sign in through the domain until the block ends."""
    load = make_sign_in_load(deployed)
    load.start()
    try:
        yield load
    finally:
        load.stop()
