"""A controller deployed into a sandbox of its own, with everything around it that a test looks through."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from demo.deployment import BUILT_TEMPLATE, deploy, of_article
from demo.onlooker import application_of
from demo.outside import NameServers, People
from sandbox import article
from sandbox.testing import running
from tests.e2e.inbox import Inbox
from tests.e2e.patient import PatientDeployment, PatientSandbox
from tests.e2e.watch import Watch
from tests.support import patience

QUICK = {"SuspectRounds": "2", "RecoveryRounds": "3", "CoolDownSeconds": "150"}
"""Parameters with which a day is short where the defaults are not the point."""

DOMAIN, LOGIN_DOMAIN = "auth.example.com", "login.example.com"

_SANDBOX_ARGUMENTS = ("--creating-seconds", "1", "--propagation-seconds", "2")
_POLL_SECONDS = 0.5
_ASK_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
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

    sandbox: PatientSandbox
    set_up: article.SetUp
    deployment: PatientDeployment
    overrides: Mapping[str, str]
    inbox: Inbox
    watch: Watch

    @property
    def primary(self) -> str:
        """The pool's primary Region."""
        return self.deployment.primary

    @property
    def standby(self) -> str:
        """The replica's Region, in which the controller runs."""
        return self.deployment.standby

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the administrator's client of a Region, the standby unless told otherwise."""
        return self.sandbox.client(service, region or self.standby)

    def output(self, name: str) -> str:
        """Return an output of the stack."""
        stack = self.client("cloudformation").describe_stacks(StackName=self.deployment.stack_name)["Stacks"][0]
        return next(str(output["OutputValue"]) for output in stack["Outputs"] if output["OutputKey"] == name)

    def start_at_once(self) -> None:
        """Start the controller now, rather than when its schedule first fires, up to a minute later."""
        self.client("lambda").invoke(FunctionName=self.output("ControllerFunctionName"), InvocationType="Event")

    def status(self) -> dict[str, Any]:
        """Ask the operator function how things stand; nothing if it doesn't answer or can't tell."""
        try:
            status: dict[str, Any] = self.deployment.ask("status").get("status", {})
        except (BotoCoreError, ClientError, RuntimeError):  # a busy machine may take longer than the function may
            return {}
        return {} if "problem" in status else status

    def standing(self) -> dict[str, Any]:
        """Return how things stand, asked until the operator function can tell."""
        return self.until_status("the operator function can tell", bool)

    def break_(self, name: str, **fault: object) -> float:
        """Put a fault in force, and return when."""
        self.sandbox.control("PUT", f"/faults/{name}", fault)
        return time.time()

    def mend(self, name: str) -> float:
        """End a fault, and return when."""
        self.sandbox.control("DELETE", f"/faults/{name}")
        return time.time()

    def stop(self, schedule: str) -> float:
        """Let a schedule of the stack start nothing any more, and return when."""
        self.reschedule(schedule, State="DISABLED")
        return time.time()

    def reschedule(self, schedule: str, **changes: str) -> None:
        """Change a schedule of the stack, and leave the rest of it."""
        scheduler = self.client("scheduler")
        name = {"Name": schedule, "GroupName": self.deployment.stack_name}
        found = scheduler.get_schedule(**name)
        kept = {each: found[each] for each in ("ScheduleExpression", "FlexibleTimeWindow", "Target")}
        scheduler.update_schedule(**{**name, **kept, **changes})

    def until(self, what: str, seen: Callable[[], bool], *, at_most_seconds: float = patience.LONG_SECONDS) -> float:
        """Wait until something is seen, and return when; the limit is never tighter than `patience.wait_limit`.

        Raises
        ------
        AssertionError
            If it isn't seen in time.

        """
        limit_seconds = patience.wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        while not seen():
            in_time = time.monotonic() < until
            assert in_time, f"within {limit_seconds:.0f} s it was not seen that {what}: {self.status()}"
            time.sleep(_POLL_SECONDS)
        return time.time()

    def until_status(
        self, what: str, seen: Callable[[dict[str, Any]], bool], *, at_most_seconds: float = patience.LONG_SECONDS
    ) -> dict[str, Any]:
        """Wait until the status shows something, and return it; the limit is as in `until`."""
        limit_seconds = patience.wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        while not ((status := self.status()) and seen(status)):
            in_time = time.monotonic() < until
            assert in_time, f"within {limit_seconds:.0f} s the status never showed that {what}: {status}"
            time.sleep(_ASK_SECONDS)
        return status

    def until_steady(self, *, at_most_seconds: float = 200) -> dict[str, Any]:
        """Wait until the controller runs, judges, and finds both Regions healthy."""

        def steady(status: dict[str, Any]) -> bool:
            return status.get("phase") == "steady" and all(
                region["verdict"] == "healthy" for region in status["regions"].values()
            )

        return self.until_status("all is well", steady, at_most_seconds=at_most_seconds)

    def records(self) -> list[dict[str, Any]]:
        """Return the record sets that steer the domain, as Route 53 has them."""
        answer = self.client("route53").list_resource_record_sets(HostedZoneId=self.set_up.zone.id)
        return [each for each in answer["ResourceRecordSets"] if each["Name"] == f"{DOMAIN}."]

    def thrown(self) -> set[str]:
        """Return the latches whose object is there."""
        listed = self.client("s3").list_objects_v2(Bucket=self.output("LatchBucketName"))
        return {each["Key"] for each in listed.get("Contents", ())}

    def latches_are_attached(self) -> bool:
        """Tell whether the controller goes by every latch it has."""
        latches = self.status().get("latches", {})
        return bool(latches) and all(latch["attached"] for latch in latches.values())

    def restore(self, *, users_on: str | None = None) -> None:
        """Bring the deployment to a known state, whatever a failed test has left behind.

        No fault is in force, the replica is active and nearly without lag, nothing is under way, held or paused, both
        Regions are healthy, and all users are in one Region: the primary unless another one is given.
        """
        goal = users_on or self.primary
        self.sandbox.control("DELETE", "/faults")
        self.sandbox.control("PUT", "/settings", {"lag_seconds": 1, "alarms_ahead_seconds": 0})
        self.client("cognito-idp", self.primary).update_user_pool_replica(
            UserPoolId=self.set_up.pool_id, RegionName=self.standby, Status="ACTIVE"
        )
        self._end_what_is_under_way()
        for action in ("resume", "acknowledge"):
            self.deployment.insist(action, reason="A test before this one has failed")
        if self.until_steady()["active_region"] != goal:
            action, pace = ("failback", {"pace": "in-one"}) if goal == self.primary else ("failover", {})
            self.deployment.insist(action, reason="A test before this one has failed", **pace)
            self.until_status(
                f"users are on {goal}", lambda status: status["move"] is None and status["active_region"] == goal
            )
        self.until(f"all name servers send users to {goal}", lambda: self.watch.now == goal)

    def _end_what_is_under_way(self) -> None:
        """Abort the drill if there is one, and wait until no move is under way."""
        if self.standing().get("drill"):
            self.deployment.ask("abort", reason="A test before this one has failed")
        self.until_status("nothing is under way", lambda status: not status.get("drill") and not status["move"])

    def fit(self, action: str, *, at_most_seconds: float = 200) -> str:
        """Attach or detach the latches as a person does, repeating the event; return what was said last.

        Raises
        ------
        AssertionError
            If that is refused, or not done in time.

        """
        limit_seconds = patience.wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        token = f"e2e-{action}-{uuid4().hex[:8]}"
        while True:
            answer = self.deployment.ask(action, reason=f"A test wants to {action}", token=token)
            assert "refused_by" not in answer, answer["message"]
            if answer["done"]:
                return str(answer["message"])
            assert time.monotonic() < until, f"not done within {limit_seconds:.0f} s: {answer['message']}"
            time.sleep(_ASK_SECONDS)

    def log(self) -> str:
        """Return everything that both functions have written to their logs."""
        logs = self.client("logs")
        lines: list[str] = []
        for function in ("controller", "operator"):
            group = f"/aws/lambda/{self.deployment.stack_name}-{function}"
            for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
                events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], limit=10_000)
                lines += [event["message"] for event in events["events"]]
        return "\n".join(lines)


@contextmanager
def lab(
    *sandbox_arguments: str,
    overrides: Mapping[str, str] | None = None,
    managed_login: bool = False,
    records: bool = True,
) -> Iterator[Lab]:
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
    with running(*_SANDBOX_ARGUMENTS, *sandbox_arguments) as started:
        sandbox = PatientSandbox(started.description)
        description = sandbox.description
        plan = article.Plan(
            primary=description["primary"],
            standby=description["standby"],
            addresses=description["targets"],
            domain=DOMAIN,
            weighted_records=records,
            login_domain=LOGIN_DOMAIN if managed_login else None,
        )
        set_up = article.set_up(sandbox.client, plan, time.sleep)
        deployment = PatientDeployment.of(deploy(sandbox, of_article(sandbox, set_up), overrides=overrides))
        topic_arn = sandbox.client("sns", deployment.standby).list_topics()["Topics"][0]["TopicArn"]
        watch = Watch(
            NameServers(
                description["name_servers"],
                description["ports"]["dns"],
                plan.domain,
                {f"{target.lower()}.": region for region, target in set_up.targets.items()},
            )
        )
        watch.start()
        try:
            yield Lab(
                sandbox=sandbox,
                set_up=set_up,
                deployment=deployment,
                overrides=overrides or {},
                inbox=Inbox(sandbox, deployment.standby, topic_arn),
                watch=watch,
            )
        finally:
            watch.stop()


@contextmanager
def signing_in(deployed: Lab) -> Iterator[People]:
    """Have people sign in through the domain, all the time."""
    people = People(application_of(deployed.deployment, article.Plan(addresses={}).domain))
    people.start()
    try:
        yield people
    finally:
        people.stop()
