"""A world for the measured processes: the sandbox, with the article's set-up and a ledger of its own for each."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox import article
from sandbox.attached import Sandbox
from sandbox.testing import running


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A sandbox in which the functions find all they need."""

    sandbox: Sandbox
    set_up: article.SetUp

    def environment(self, name: str, *, interval_seconds: int) -> dict[str, str]:
        """Return the environment of a process inside the standby Region, which has a new ledger for itself.

        Parameters
        ----------
        name
            Of the ledger: one that nobody else has.
        interval_seconds
            Between rounds.

        """
        primary, standby = self.sandbox.description["primary"], self.sandbox.description["standby"]
        self.sandbox.client("dynamodb", standby).create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        topic = self.sandbox.client("sns", standby).create_topic(Name="told")
        return {
            **self._process(standby),
            "PRIMARY_REGION": primary,
            "STANDBY_REGION": standby,
            "USER_POOL_ID": self.set_up.pool_id,
            "CLIENT_ID": self.set_up.client_id,
            "CANARY_SECRET_ARN": self.set_up.canary.secret_arn,
            "HOSTED_ZONE_ID": self.set_up.zone.id,
            "DOMAIN_NAME": article.Plan(addresses={}).domain,
            "PRIMARY_TARGET": self.set_up.targets[primary],
            "STANDBY_TARGET": self.set_up.targets[standby],
            "ROUND_INTERVAL_SECONDS": str(interval_seconds),
            "TABLE_NAME": name,
            "TOPIC_ARN": topic["TopicArn"],
            "POWERTOOLS_SERVICE_NAME": "controller",
        }

    def _process(self, standby: str) -> Mapping[str, str]:
        return self.sandbox.environment(inside=standby)


@contextmanager
def cloud() -> Iterator[Cloud]:
    """Run a sandbox with everything set up, and end it afterwards."""
    with running("--creating-seconds", "1", "--lag-seconds", "0.2", "--propagation-seconds", "1") as sandbox:
        description = sandbox.description
        plan = article.Plan(
            primary=description["primary"], standby=description["standby"], addresses=description["targets"]
        )
        yield Cloud(sandbox=sandbox, set_up=article.set_up(sandbox.client, plan, time.sleep))
