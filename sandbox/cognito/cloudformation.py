"""What stacks make for replication: replicas, what a replica's Region has of its own, and a pool's key and issuer.

``AWS::Cognito::UserPoolDomain`` is the engine's, and calls the operations that `CustomDomains` answers.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.cognito.interceptor import Cognito
from sandbox.cognito.replica_snapshot import REGIONAL_SETTINGS
from sandbox.cognito.wire import AwsServiceError, JsonObject

USER_POOL = "AWS::Cognito::UserPool"
USER_POOL_REPLICA = "AWS::Cognito::UserPoolReplica"
REGIONAL_CONFIGURATION = "AWS::Cognito::UserPoolRegionalConfigurationAttachment"

_KEY_AND_ISSUER = ("KeyConfiguration", "IssuerConfiguration")

type UserPoolProperties = Mapping[str, Any]
type CreatedReplica = tuple[str, dict[str, Any]]
"""The physical id, and the attributes."""

type UserPoolHandlers = dict[str, Callable[..., Any]]


class ReplicaResourceError(Exception):
    """What replicates could not be brought to what the template says; the message is the stack event's."""

    @classmethod
    def from_service_error(cls, refusal: AwsServiceError) -> "ReplicaResourceError":
        """Return what a stack says of Cognito's refusal."""
        return cls(f"{refusal.message} (Service: CognitoIdentityProvider, Error Code: {refusal.code})")


class UserPoolReplicaResources:
    """Creates and deletes replicas for stacks; a stack doesn't wait until one is INACTIVE.

    Parameters
    ----------
    at_work
        Returns the account and the Region of the stack at work.

    """

    def __init__(self, *, cognito: Cognito, get_scope: Callable[[], tuple[str, str]]) -> None:
        self._cognito = cognito
        self._get_scope = get_scope

    def create(self, _logical_id: str, properties: UserPoolProperties, _stack_name: str) -> CreatedReplica:
        """Make a replica.

        Raises
        ------
        ReplicaResourceError
            When Cognito refuses.

        """
        tags = {"UserPoolTags": properties["UserPoolTagsAtCreate"]} if "UserPoolTagsAtCreate" in properties else {}
        self._call("CreateUserPoolReplica", properties, tags)
        return f"{properties['UserPoolId']}|{properties['RegionName']}", {}

    def update(
        self, _replica_id: str, old: UserPoolProperties, new: UserPoolProperties, stack_name: str
    ) -> CreatedReplica:
        """Make another replica in the place of one: every property is for creation only (the type's schema).

        Raises
        ------
        ReplicaResourceError
            When Cognito refuses, as it does while there is another replica.

        """
        named = ("UserPoolId", "RegionName")
        if all(old[name] == new[name] for name in named):
            return f"{new['UserPoolId']}|{new['RegionName']}", {}
        return self.create("", new, stack_name)

    def delete(self, _replica_id: str, properties: UserPoolProperties) -> None:
        """Delete a replica; one that is gone already is no error.

        Raises
        ------
        ReplicaResourceError
            When Cognito refuses, as it does while the replica is ACTIVE.

        """
        try:
            self._call("DeleteUserPoolReplica", properties, {})
        except ReplicaResourceError as error:
            if "ResourceNotFoundException" not in str(error):
                raise

    def _call(self, operation: str, properties: UserPoolProperties, extra: JsonObject) -> None:
        account, region = self._get_scope()
        document = {"UserPoolId": properties["UserPoolId"], "RegionName": properties["RegionName"], **extra}
        try:
            self._cognito.change_replica(operation, account, region, document)
        except AwsServiceError as refusal:
            raise ReplicaResourceError.from_service_error(refusal) from refusal


class RegionalConfigurationResources:
    """Sets a replica's status and its Region's own settings for stacks there.

    Removing one from a stack leaves the replica as it is: what the service does then is not documented, and a replica
    that stops signing users in because somebody deletes a stack would be the worse guess.

    Parameters
    ----------
    at_work
        Returns the account and the Region of the stack at work.

    """

    def __init__(self, *, cognito: Cognito, get_scope: Callable[[], tuple[str, str]]) -> None:
        self._cognito = cognito
        self._get_scope = get_scope

    def create(self, _logical_id: str, properties: UserPoolProperties, _stack_name: str) -> CreatedReplica:
        """Set what the template gives.

        Raises
        ------
        ReplicaResourceError
            When Cognito refuses, as it does while the replica is CREATING.

        """
        account, region = self._get_scope()
        pool_id = properties["UserPoolId"]
        try:
            settings = {name: value for name, value in properties.items() if name in REGIONAL_SETTINGS}
            self._cognito.configure_replica(account, region, pool_id, settings)
            if "Status" in properties:
                document = {"UserPoolId": pool_id, "RegionName": region, "Status": properties["Status"]}
                self._cognito.change_replica("UpdateUserPoolReplica", account, region, document)
        except AwsServiceError as refusal:
            raise ReplicaResourceError.from_service_error(refusal) from refusal
        return pool_id, {}

    def update(
        self, _pool_id: str, _old: UserPoolProperties, new: UserPoolProperties, stack_name: str
    ) -> CreatedReplica:
        """Set what the template gives now.

        Raises
        ------
        ReplicaResourceError
            When Cognito refuses.

        """
        return self.create("", new, stack_name)

    def delete(self, _pool_id: str, _properties: UserPoolProperties) -> None:
        """Leave the replica as it is."""


def build_user_pool_handlers(
    engine: Mapping[str, Callable[..., Any]], cognito: Cognito, get_scope: Callable[[], tuple[str, str]]
) -> UserPoolHandlers:
    """Return the engine's handlers of user pools, with the key and the issuer that the engine's leave out."""

    def create(logical_id: str, properties: UserPoolProperties, stack_name: str) -> Any:
        made = engine["create"](logical_id, properties, stack_name)
        configure(made[0], properties)
        return made

    def update(pool_id: str, old: UserPoolProperties, new: UserPoolProperties, *rest: Any) -> Any:
        made = engine["update"](pool_id, old, new, *rest)
        configure(pool_id, new)
        return made

    def configure(pool_id: str, properties: UserPoolProperties) -> None:
        settings = {name: properties[name] for name in _KEY_AND_ISSUER if name in properties}
        try:
            cognito.configure_pool(*get_scope(), pool_id, settings)
        except AwsServiceError as refusal:
            raise ReplicaResourceError.from_service_error(refusal) from refusal

    return {**engine, "create": create, "update": update}
