"""Steps for the canary's secret and passwords. The secret is in the primary Region, with replicas for the probes."""

import json
from dataclasses import dataclass, field
from typing import Any

from cognito_failover.rotation.password import generate_password
from failoverctl.replicate.canary import find_user
from failoverctl.replicate.context import Pool, ReplicationContext, get_canary_usernames
from failoverctl.replicate.errors import ReplicationRefusedError
from failoverctl.replicate.sign_in_check import can_sign_in
from failoverctl.replicate.step import StepDescription, StepState, StepStatus, WaitPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCanarySecret:
    """The stored secret. Its content is never shown.

    Attributes
    ----------
    arn
        The secret's ARN.
    content
        Its fields, see `build_content`.

    """

    arn: str
    content: dict[str, str] = field(repr=False)


def read_secret(context: ReplicationContext, pool: Pool) -> StoredCanarySecret | None:
    """Return the canary's secret; None if there is none.

    Raises
    ------
    ReplicationRefusedError
        If the name belongs to another secret, or the secret is scheduled for deletion.

    """
    store, name = context.get_client("secretsmanager", context.spec.primary_region), context.get_secret_name(pool["Id"])
    try:
        response = store.get_secret_value(SecretId=name)
    except store.exceptions.ResourceNotFoundException:
        return None
    except store.exceptions.InvalidRequestException as error:
        aws_message = error.response["Error"]["Message"].rstrip(".")
        raise ReplicationRefusedError(
            f"The secret {name} can't be read: {aws_message}. Restore it if it is scheduled for deletion, or give "
            f"--secret-name another name."
        ) from None
    try:
        content = json.loads(response.get("SecretString", ""))
    except ValueError:
        content = None  # the decoder's error quotes the secret, so it must not become a cause
    secret_pool_id = content.get("user_pool_id", pool["Id"]) if isinstance(content, dict) else None
    if secret_pool_id != pool["Id"] or content.get("username") not in get_canary_usernames(pool):
        raise ReplicationRefusedError(
            f"The secret {name} does not belong to this pool's canary. Give --secret-name another name."
        )
    return StoredCanarySecret(arn=response["ARN"], content=content)


def build_content(context: ReplicationContext, pool: Pool, secret: StoredCanarySecret | None) -> dict[str, str]:
    """Return the desired fields of the secret, for the probes and the rotation.

    ``username``, ``password`` and ``sub`` belong to the user that signs in. ``idle_username`` is the other user.
    """
    username = secret.content["username"] if secret else get_canary_usernames(pool)[0]
    user = find_user(context.primary_cognito, pool["Id"], username)
    sub = user[0] if user else ""
    is_same_user = secret is not None and secret.content.get("sub") == sub
    password = secret.content.get("password") if secret and is_same_user else None
    return {
        "username": username,
        "password": password or generate_password(),
        "sub": sub,
        "idle_username": next(name for name in get_canary_usernames(pool) if name != username),
        "user_pool_id": pool["Id"],
        "client_id": context.find_client_id(pool["Id"]) or "",
    }


class CanarySecret:
    """The secret in the primary Region."""

    description = StepDescription(
        name="secret",
        purpose="The probes read the canary's name and password from it. The password is random and never shown.",
        cost="About $0.40 a month for the secret, and the same for each replica.",
    )
    wait_policy = WaitPolicy(timeout_seconds=30)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether the secret exists with all fields."""
        pool = context.find_pool()
        if pool is None:
            return StepStatus(state=StepState.CHANGE, actual="no pool yet", desired="a secret named after the pool")
        secret = read_secret(context, pool)
        if secret is None:
            name = context.get_secret_name(pool["Id"])
            return StepStatus(
                state=StepState.CHANGE, actual=f"no secret {name} in {context.spec.primary_region}", desired="one"
            )
        if secret.content != build_content(context, pool, secret):
            return StepStatus(
                state=StepState.CHANGE,
                actual=f"{secret.arn} has missing or outdated fields",
                desired="current values in all fields",
            )
        return StepStatus(state=StepState.DONE, actual=secret.arn)

    def apply(self, context: ReplicationContext) -> None:
        """Create the secret, or correct its fields."""
        pool = context.require_pool()
        secret = read_secret(context, pool)
        text = json.dumps(build_content(context, pool, secret))
        store = context.get_client("secretsmanager", context.spec.primary_region)
        if secret is None:
            store.create_secret(
                Name=context.get_secret_name(pool["Id"]),
                Description=f"The canary of user pool {pool['Id']}: probes sign in with it",
                SecretString=text,
            )
        else:
            store.put_secret_value(SecretId=secret.arn, SecretString=text)


class CanaryPasswords:
    """The passwords: the secret's for the active user, a random one that is not stored for the idle user."""

    description = StepDescription(
        name="passwords",
        purpose="The secret's user signs in with the secret's password. This command signs in as that user to check.",
    )
    wait_policy = WaitPolicy(timeout_seconds=0)  # no retry: Cognito locks a user after wrong passwords

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether the active user can sign in on the primary. Signs in once."""
        pool = context.find_pool()
        secret = read_secret(context, pool) if pool else None
        client_id = context.find_client_id(pool["Id"]) if pool else None
        statuses = self._read_user_statuses(context, pool) if pool else {}
        if pool is None or secret is None or client_id is None or not all(statuses.values()):
            return StepStatus(state=StepState.CHANGE, actual="no password yet", desired="the secret's")
        idle_username = secret.content.get("idle_username", "")
        if statuses.get(idle_username) != "CONFIRMED":
            return StepStatus(state=StepState.CHANGE, actual=f"{idle_username} has no password", desired="a password")
        username, region = secret.content["username"], context.spec.primary_region
        if not can_sign_in(context.primary_cognito, client_id, secret.content):
            return StepStatus(
                state=StepState.CHANGE,
                actual=f"{username} can't sign in with the secret's password in {region}",
                desired="the secret's password",
            )
        return StepStatus(state=StepState.DONE, actual=f"{username} can sign in to {region}")

    @staticmethod
    def _read_user_statuses(context: ReplicationContext, pool: Pool) -> dict[str, str]:
        """Return the users' statuses. Empty for a missing user."""
        users = {name: find_user(context.primary_cognito, pool["Id"], name) for name in get_canary_usernames(pool)}
        return {name: known[1] if known else "" for name, known in users.items()}

    def apply(self, context: ReplicationContext) -> None:
        """Set the passwords. The idle user keeps an existing one: a rotation may be under way."""
        pool = context.require_pool()
        secret = read_secret(context, pool)
        if secret is None:
            raise ReplicationRefusedError("The canary's secret no longer exists.")
        passwords = {secret.content["username"]: secret.content["password"]}
        idle_username = secret.content["idle_username"]
        if self._read_user_statuses(context, pool)[idle_username] != "CONFIRMED":
            passwords[idle_username] = generate_password()
        for name, password in passwords.items():
            context.primary_cognito.admin_set_user_password(
                UserPoolId=pool["Id"], Username=name, Password=password, Permanent=True
            )


class CanarySecretReplicas:
    """The secret's replicas in every Region with a probe."""

    description = StepDescription(
        name="secret-replicas",
        purpose="The controller reads the secret in the standby Region, each observer in its own Region.",
        cost="About $0.40 a month for each replica.",
    )
    wait_policy = WaitPolicy(timeout_seconds=300)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether all replicas exist and are in sync."""
        pool = context.find_pool()
        regions = ", ".join(context.spec.secret_regions)
        if pool is None or read_secret(context, pool) is None:
            return StepStatus(state=StepState.CHANGE, actual="no secret yet", desired=f"replicas of it in {regions}")
        statuses = self._read_replica_statuses(context, pool)
        missing = [region for region in context.spec.secret_regions if region not in statuses]
        if missing:
            return StepStatus(
                state=StepState.CHANGE,
                actual=f"no replica of the secret in {', '.join(missing)}",
                desired="a replica in each",
            )
        for region in context.spec.secret_regions:
            if statuses[region]["Status"] in {"Failed", "Detached"}:
                name = context.get_secret_name(pool["Id"])
                status_message = statuses[region].get("StatusMessage", "no message from Secrets Manager").rstrip(".")
                raise ReplicationRefusedError(
                    f"The secret's replica in {region} is {statuses[region]['Status']}: {status_message}. Remove the "
                    f"cause there. Then run: aws secretsmanager remove-regions-from-replication --secret-id {name} "
                    f"--region {context.spec.primary_region} --remove-replica-regions {region}. Then run this again."
                )
        pending_regions = [region for region in context.spec.secret_regions if statuses[region]["Status"] != "InSync"]
        if pending_regions:
            return StepStatus(
                state=StepState.WAIT, actual=f"the secret is being replicated to {', '.join(pending_regions)}"
            )
        return StepStatus(state=StepState.DONE, actual=f"in {regions}, in sync")

    @staticmethod
    def _read_replica_statuses(context: ReplicationContext, pool: Pool) -> dict[str, dict[str, Any]]:
        store = context.get_client("secretsmanager", context.spec.primary_region)
        secret = store.describe_secret(SecretId=context.get_secret_name(pool["Id"]))
        return {status["Region"]: status for status in secret.get("ReplicationStatus", [])}

    def apply(self, context: ReplicationContext) -> None:
        """Replicate the secret to the Regions without a replica."""
        pool = context.require_pool()
        statuses = self._read_replica_statuses(context, pool)
        missing = [{"Region": region} for region in context.spec.secret_regions if region not in statuses]
        context.get_client("secretsmanager", context.spec.primary_region).replicate_secret_to_regions(
            SecretId=context.get_secret_name(pool["Id"]), AddReplicaRegions=missing
        )
