"""A replicated pool with a rotated canary, in a cloud inside the test's process."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.probe_result import SignInSuccess
from cognito_failover.probe.canary_credentials import Credentials
from cognito_failover.probe.lag_marker import MARKER_ATTRIBUTE
from cognito_failover.probe.login import LoginClient, build_cognito_endpoint
from cognito_failover.rotation.canary_users import CognitoUserDirectory
from cognito_failover.rotation.password import generate_password
from cognito_failover.rotation.rotation import Rotation, RotationStep
from cognito_failover.rotation.secret_content import CanarySecretContent, parse_content
from cognito_failover.rotation.secret_store import SecretsManagerStore
from sandbox.secretsmanager import Rotations
from tests.integration.replicate.replicate_harness import ReplicateHarness as Replicating
from tests.integration.sandbox_cognito.cloud import (
    PRIMARY,
    STANDBY,
    CloudHttps,
    InProcessCloud,
    add_user,
    create_active_replica,
    create_replicable_pool,
)

if TYPE_CHECKING:
    from cognito_failover.probe.https_client import HttpsClient

ONE, TWO = "cognito-failover-canary-1", "cognito-failover-canary-2"
REGIONS = PerRole(primary=PRIMARY, standby=STANDBY)


class NoLambdaFunctions:
    """Lambda functions that run no step: the test runs the steps."""

    def allows_service(self, account: str, region: str, function_arn: str, service: str) -> bool:  # noqa: ARG002 - every service is allowed
        return True

    def invoke_function(self, account: str, region: str, function_arn: str, event: dict[str, Any]) -> str:  # noqa: ARG002 - see the class
        return "The test runs the steps."


class RotationDeployment:
    """The pool, its canary and its rotation, with the real clients.

    Attributes
    ----------
    arn
        The secret's ARN.
    probe_count
        How many probes have run.

    """

    def __init__(self, cloud: InProcessCloud, *, pool_id: str, client_id: str) -> None:
        self.cloud = cloud
        self.pool_id, self.client_id = pool_id, client_id
        cloud.cognito.timing.lag_seconds = 5
        self.store = cloud.client("secretsmanager", PRIMARY)
        self.arn = self.store.describe_secret(SecretId=f"cognito-failover/{self.pool_id}")["ARN"]
        self.rotations = Rotations(NoLambdaFunctions(), clock=cloud.clock)
        cloud.interceptors["secretsmanager"] = self.rotations.intercept
        self.https = CloudHttps(cloud)
        self.login = LoginClient(
            client_id=self.client_id, https=cast("HttpsClient", self.https), monotonic=time.monotonic
        )
        self.users = CognitoUserDirectory(
            PerRole(primary=cloud.client("cognito-idp", PRIMARY), standby=cloud.client("cognito-idp", STANDBY)),
            pool_id=self.pool_id,
            regions=REGIONS,
            create_login=lambda client_id: replace(self.login, client_id=client_id),
        )
        self.secret_store = SecretsManagerStore(self.store, self.arn)
        self.rotation = Rotation(
            secret_store=self.secret_store,
            users=self.users,
            regions=REGIONS,
            pool_id=self.pool_id,
            generate_password=generate_password,
            clock=cloud.clock,
            sleep=cloud.clock.advance,
        )
        self.refusals: list[str] = []
        self.probe_count = 0
        self._first_content = self.content
        self._is_probing = False

    @property
    def content(self) -> CanarySecretContent:
        return parse_content(self.secret_store.read_current())

    def start_rotation(self, **options: Any) -> str:
        """Start a rotation in Secrets Manager, or continue an unfinished one; return its token."""
        try:
            self.store.rotate_secret(SecretId=self.arn, RotationLambdaARN=f"arn:aws:lambda:{PRIMARY}:x", **options)
        except self.store.exceptions.InvalidRequestException as error:
            assert "A previous rotation isn't complete" in str(error)  # noqa: PT017 - the rotation continues
        self.cloud.run_until(self.rotations.wait_until_idle)
        stages = self.store.describe_secret(SecretId=self.arn)["VersionIdsToStages"]
        return next(str(version) for version, labels in stages.items() if "AWSPENDING" in labels)

    def run_steps(self, token: str) -> None:
        """Run the four steps once, as Secrets Manager does."""
        for step in RotationStep:
            self.rotation.run_step(step, token)

    def run_probe(self) -> None:
        """Sign in in both Regions with the standby's current secret, and with the first one."""
        self.probe_count += 1
        text = self.cloud.client("secretsmanager", STANDBY).get_secret_value(
            SecretId=f"cognito-failover/{self.pool_id}"
        )
        for content in (parse_content(text["SecretString"]), self._first_content):
            credentials = Credentials(version="", username=content.username, password=content.password)
            for role in RegionRole:
                answer = self.login.sign_in(build_cognito_endpoint(REGIONS[role]), credentials)
                if not isinstance(answer, SignInSuccess):
                    self.refusals.append(f"{content.username} in the {role}: {answer}")

    def run_probes_at_every_call(self, interrupt: Callable[[str, str], None] = lambda _moment, _call: None) -> None:
        """Run a probe before and after every call of the rotation, then call ``interrupt``."""

        def on_call(moment: str, call: str) -> None:
            if self._is_probing:
                return
            self._is_probing = True
            try:
                self.run_probe()
            finally:
                self._is_probing = False
            interrupt(moment, call)

        self.cloud.on_call = on_call

    def read_marker(self, region: str, username: str) -> str | None:
        user = self.cloud.client("cognito-idp", region).admin_get_user(UserPoolId=self.pool_id, Username=username)
        return next(
            (attribute["Value"] for attribute in user["UserAttributes"] if attribute["Name"] == MARKER_ATTRIBUTE), None
        )


def create_with_replicate(cloud: InProcessCloud) -> RotationDeployment:
    """Create the pool and its canary with ``failoverctl replicate``."""
    parameters = json.loads(Replicating(cloud).replicate_new_pool("--apply", "--yes", "--json").stdout)["parameters"]
    return RotationDeployment(cloud, pool_id=parameters["UserPoolId"], client_id=parameters["ClientId"])


def create_equivalent(cloud: InProcessCloud) -> RotationDeployment:
    """Create an equivalent pool and canary in less time."""
    pool = create_active_replica(create_replicable_pool(cloud))
    for name in (ONE, TWO):
        add_user(pool, name)
    user = pool.primary.admin_get_user(UserPoolId=pool.id, Username=ONE)
    sub = next(attribute["Value"] for attribute in user["UserAttributes"] if attribute["Name"] == "sub")
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
    cloud.clock.advance(cloud.cognito.timing.lag_seconds)
    cloud.cognito.deliver_changes()
    return RotationDeployment(cloud, pool_id=pool.id, client_id=pool.client_id)
