"""The sandbox of the measured processes: the article's setup, and a separate ledger for each process."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.client import SandboxClient
from sandbox.reference_setup import setup
from sandbox.testing import run_sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkSandbox:
    """A sandbox with all resources that the functions need."""

    sandbox: SandboxClient
    set_up: setup.SetupResult

    def make_environment(self, name: str, *, interval_seconds: int) -> dict[str, str]:
        """Return the environment of a process inside the standby Region, with a new ledger.

        Parameters
        ----------
        name
            The name of the ledger; must be unique.
        interval_seconds
            Seconds between rounds.

        """
        primary, standby = self.sandbox.description["primary"], self.sandbox.description["standby"]
        self.sandbox.client("dynamodb", standby).create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        topic = self.sandbox.client("sns", standby).create_topic(Name="notifications")
        return {
            **self._make_process_environment(standby),
            "PRIMARY_REGION": primary,
            "STANDBY_REGION": standby,
            "USER_POOL_ID": self.set_up.pool_id,
            "CLIENT_ID": self.set_up.client_id,
            "CANARY_SECRET_ARN": self.set_up.canary.secret_arn,
            "HOSTED_ZONE_ID": self.set_up.zone.id,
            "DOMAIN_NAME": setup.SetupPlan(addresses={}).domain,
            "PRIMARY_TARGET": self.set_up.targets[primary],
            "STANDBY_TARGET": self.set_up.targets[standby],
            "ROUND_INTERVAL_SECONDS": str(interval_seconds),
            "TABLE_NAME": name,
            "TOPIC_ARN": topic["TopicArn"],
            "POWERTOOLS_SERVICE_NAME": "controller",
        }

    @property
    def third_regions(self) -> tuple[str, ...]:
        """The Regions without the pool. The observer runs in the first."""
        description = self.sandbox.description
        pool = {description["primary"], description["standby"]}
        return tuple(region for region in description["regions"] if region not in pool)

    def make_observer_environment(self, name: str, *, interval_seconds: int) -> dict[str, str]:
        """Return the environment of an observer inside a third Region, with a new ledger."""
        region = self.third_regions[0]
        secret_arn = self.set_up.canary.secret_arn
        return {
            **self.make_environment(name, interval_seconds=interval_seconds),
            **self._make_process_environment(region),
            "CANARY_SECRET_ARN": secret_arn.replace(f":{self.sandbox.description['standby']}:", f":{region}:"),
            "OBSERVER_REGION": region,
            "WITNESS_REGIONS": ",".join(self.third_regions),
            "POWERTOOLS_SERVICE_NAME": "observer",
        }

    def _make_process_environment(self, region: str) -> Mapping[str, str]:
        return self.sandbox.build_environment(inside=region)


@contextmanager
def start_benchmark_sandbox() -> Iterator[BenchmarkSandbox]:
    """Start a sandbox with all resources, and stop it at the end."""
    with run_sandbox("--creating-seconds", "1", "--lag-seconds", "0.2", "--propagation-seconds", "1") as sandbox:
        description = sandbox.description
        plan = setup.SetupPlan(
            primary=description["primary"], standby=description["standby"], addresses=description["targets"]
        )
        local_aws = BenchmarkSandbox(sandbox=sandbox, set_up=setup.set_up(sandbox.client, plan, time.sleep))
        sandbox.client("secretsmanager", plan.standby).replicate_secret_to_regions(
            SecretId=local_aws.set_up.canary.secret_arn, AddReplicaRegions=[{"Region": local_aws.third_regions[0]}]
        )
        yield local_aws
