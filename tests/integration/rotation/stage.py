"""A replicated pool whose canary is rotated, in a cloud in the test's own process."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from failover.probe.answer import SignedIn
from failover.probe.canary import Credentials
from failover.probe.login import Login, cognito_endpoint
from failover.probe.marker import ATTRIBUTE
from failover.region import PerSide, Side
from failover.rotation.content import Content, parse
from failover.rotation.password import new_password
from failover.rotation.rotation import Rotation, Step
from failover.rotation.users import CognitoUsers
from failover.rotation.vault import SecretsManagerVault
from sandbox.secretsmanager import Rotations
from tests.integration.replicate.stage import Stage as Replicating
from tests.integration.sandbox_cognito.cloud import (
    PRIMARY,
    STANDBY,
    Cloud,
    CloudHttps,
    add_user,
    replicable_pool,
    replicate,
)

if TYPE_CHECKING:
    from failover.probe.https import Https

ONE, TWO = "cognito-failover-canary-1", "cognito-failover-canary-2"
REGIONS = PerSide(primary=PRIMARY, standby=STANDBY)


class NobodysFunctions:
    """Lambda functions that refuse every step: the test makes them itself."""

    def lets_in(self, account: str, region: str, function_arn: str, service: str) -> bool:  # noqa: ARG002 - all are
        return True

    def invoke(self, account: str, region: str, function_arn: str, event: dict[str, Any]) -> str:  # noqa: ARG002 - as said
        return "The test makes the steps itself."


class Stage:
    """The pool, its canary and their rotation, with the real clients.

    Attributes
    ----------
    arn
        The secret's.
    probes
        How many probes have looked.

    """

    def __init__(self, cloud: Cloud, *, pool_id: str, client_id: str) -> None:
        self.cloud = cloud
        self.pool_id, self.client_id = pool_id, client_id
        cloud.cognito.timing.lag_seconds = 5
        self.store = cloud.client("secretsmanager", PRIMARY)
        self.arn = self.store.describe_secret(SecretId=f"cognito-failover/{self.pool_id}")["ARN"]
        self.rotations = Rotations(NobodysFunctions(), clock=cloud.clock)
        cloud.interceptors["secretsmanager"] = self.rotations.intercept
        self.https = CloudHttps(cloud)
        self.login = Login(client_id=self.client_id, https=cast("Https", self.https), monotonic=time.monotonic)
        self.users = CognitoUsers(
            PerSide(primary=cloud.client("cognito-idp", PRIMARY), standby=cloud.client("cognito-idp", STANDBY)),
            pool_id=self.pool_id,
            regions=REGIONS,
            login=lambda client_id: replace(self.login, client_id=client_id),
        )
        self.vault = SecretsManagerVault(self.store, self.arn)
        self.rotation = Rotation(
            vault=self.vault,
            users=self.users,
            regions=REGIONS,
            pool_id=self.pool_id,
            new_password=new_password,
            clock=cloud.clock,
            sleep=cloud.clock.pass_seconds,
        )
        self.refusals: list[str] = []
        self.probes = 0
        self._first = self.content
        self._looking = False

    @property
    def content(self) -> Content:
        return parse(self.vault.read_current())

    def begin(self, **given: Any) -> str:
        """Let Secrets Manager begin a rotation, or take up the one that isn't finished; return its token."""
        try:
            self.store.rotate_secret(SecretId=self.arn, RotationLambdaARN=f"arn:aws:lambda:{PRIMARY}:x", **given)
        except self.store.exceptions.InvalidRequestException as error:
            assert "A previous rotation isn't complete" in str(error)  # noqa: PT017 - it began one all the same
        self.cloud.settle(self.rotations.settle)
        stages = self.store.describe_secret(SecretId=self.arn)["VersionIdsToStages"]
        return next(str(version) for version, labels in stages.items() if "AWSPENDING" in labels)

    def attempt(self, token: str) -> None:
        """Let Secrets Manager make the four steps once."""
        for step in Step:
            self.rotation.make(step, token)

    def probe(self) -> None:
        """Sign in in both Regions: with what the standby's secret says now, and with what it said at first."""
        self.probes += 1
        text = self.cloud.client("secretsmanager", STANDBY).get_secret_value(
            SecretId=f"cognito-failover/{self.pool_id}"
        )
        for content in (parse(text["SecretString"]), self._first):
            credentials = Credentials(version="", username=content.username, password=content.password)
            for side in Side:
                answer = self.login.attempt(cognito_endpoint(REGIONS[side]), credentials)
                if not isinstance(answer, SignedIn):
                    self.refusals.append(f"{content.username} on the {side}: {answer}")

    def watch(self, interrupt: Callable[[str, str], None] = lambda _moment, _call: None) -> None:
        """Let probes look before and after every call that the rotation makes, and then perhaps interrupt it."""

        def on_call(moment: str, call: str) -> None:
            if self._looking:
                return
            self._looking = True
            try:
                self.probe()
            finally:
                self._looking = False
            interrupt(moment, call)

        self.cloud.on_call = on_call

    def marker(self, region: str, username: str) -> str | None:
        user = self.cloud.client("cognito-idp", region).admin_get_user(UserPoolId=self.pool_id, Username=username)
        return next((each["Value"] for each in user["UserAttributes"] if each["Name"] == ATTRIBUTE), None)


def as_replicate_makes_it(cloud: Cloud) -> Stage:
    """Have ``failoverctl replicate`` make the pool and its canary."""
    made = json.loads(Replicating(cloud).new("--apply", "--yes", "--json").stdout)["parameters"]
    return Stage(cloud, pool_id=made["UserPoolId"], client_id=made["ClientId"])


def alike(cloud: Cloud) -> Stage:
    """Make a pool and a canary that are like that, in less time."""
    pool = replicate(replicable_pool(cloud))
    for name in (ONE, TWO):
        add_user(pool, name)
    user = pool.primary.admin_get_user(UserPoolId=pool.id, Username=ONE)
    sub = next(each["Value"] for each in user["UserAttributes"] if each["Name"] == "sub")
    content = {
        "username": ONE,
        "password": pool.PASSWORD,
        "sub": sub,
        "idle_username": TWO,
        "user_pool_id": pool.id,
        "client_id": pool.client_id,
    }
    cloud.client("secretsmanager", PRIMARY).create_secret(
        Name=f"cognito-failover/{pool.id}", SecretString=json.dumps(content)
    )
    cloud.client("secretsmanager", PRIMARY).replicate_secret_to_regions(
        SecretId=f"cognito-failover/{pool.id}", AddReplicaRegions=[{"Region": STANDBY}]
    )
    cloud.clock.pass_seconds(cloud.cognito.timing.lag_seconds)
    cloud.cognito.replicate()
    return Stage(cloud, pool_id=pool.id, client_id=pool.client_id)
