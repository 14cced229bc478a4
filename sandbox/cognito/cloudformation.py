"""The resource type ``AWS::Cognito::UserPoolReplica``: a stack's replicas, made as anybody's are.

``AWS::Cognito::UserPoolDomain`` is the engine's, and calls the operations that `Domains` answers.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.cognito.interceptor import Cognito
from sandbox.cognito.wire import Document, Refusal

USER_POOL_REPLICA = "AWS::Cognito::UserPoolReplica"

type Properties = Mapping[str, Any]
type Made = tuple[str, dict[str, Any]]
"""The physical id, and the attributes; the type has none."""


class ReplicaResourceError(Exception):
    """The replica could not be brought to what the template says; the message is the stack event's."""


class UserPoolReplicaResources:
    """Creates and deletes replicas for stacks; a stack doesn't wait until one is INACTIVE.

    Parameters
    ----------
    at_work
        Returns the account and the Region of the stack at work.

    """

    def __init__(self, *, cognito: Cognito, at_work: Callable[[], tuple[str, str]]) -> None:
        self._cognito = cognito
        self._at_work = at_work

    def create(self, _logical_id: str, properties: Properties, _stack_name: str) -> Made:
        """Make a replica.

        Raises
        ------
        ReplicaResourceError
            When Cognito refuses.

        """
        tags = {"UserPoolTags": properties["UserPoolTagsAtCreate"]} if "UserPoolTagsAtCreate" in properties else {}
        self._call("CreateUserPoolReplica", properties, tags)
        return f"{properties['UserPoolId']}|{properties['RegionName']}", {}

    def update(self, _replica_id: str, old: Properties, new: Properties, stack_name: str) -> Made:
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

    def delete(self, _replica_id: str, properties: Properties) -> None:
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

    def _call(self, operation: str, properties: Properties, more: Document) -> None:
        account, region = self._at_work()
        document = {"UserPoolId": properties["UserPoolId"], "RegionName": properties["RegionName"], **more}
        try:
            self._cognito.change_replica(operation, account, region, document)
        except Refusal as refusal:
            raise ReplicaResourceError(
                f"{refusal.message} (Service: CognitoIdentityProvider, Error Code: {refusal.code})"
            ) from refusal
