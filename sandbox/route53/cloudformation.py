"""The resource type ``AWS::Route53::HealthCheck``. It calls the same operations as the API."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from sandbox.route53.errors import Route53ServiceError
from sandbox.route53.service import Route53
from sandbox.route53.wire import Parameters, load_service_model

HEALTH_CHECK = "AWS::Route53::HealthCheck"

_CREATE_ONLY = ("Type", "RequestInterval", "MeasureLatency", "RoutingControlArn")
"""Members of ``HealthCheckConfig`` whose change replaces the check (the resource type's schema)."""

type HealthCheckProperties = Mapping[str, Any]
type CreatedHealthCheck = tuple[str, dict[str, Any]]
"""The physical id, and the attributes."""


class HealthCheckResourceError(Exception):
    """Route 53 rejected a stack's resource. The message appears in the stack event."""


class HealthCheckResources:
    """Creates, updates, replaces and deletes health checks for stacks.

    Parameters
    ----------
    get_account
        Returns the account of the current stack.
    is_answering
        Returns whether the API answers an operation from the stack's Region.

    """

    def __init__(
        self, *, route53: Route53, get_account: Callable[[], str], is_answering: Callable[[str], bool]
    ) -> None:
        self._route53 = route53
        self._get_account = get_account
        self._is_answering = is_answering

    def create(self, _logical_id: str, properties: HealthCheckProperties, _stack_name: str) -> CreatedHealthCheck:
        """Create a check.

        Raises
        ------
        HealthCheckResourceError
            If Route 53 rejects the call or does not answer.

        """
        created = self._call(
            "CreateHealthCheck",
            {"CallerReference": str(uuid.uuid4()), "HealthCheckConfig": self._parse_config(properties)},
        )
        check_id: str = created["HealthCheck"]["Id"]
        self._update_tags(check_id, {}, properties)
        return check_id, {"HealthCheckId": check_id}

    def update(
        self, check_id: str, old: HealthCheckProperties, new: HealthCheckProperties, stack_name: str
    ) -> CreatedHealthCheck:
        """Update a check, or replace it: then the id changes, and the stack deletes the old check.

        Raises
        ------
        HealthCheckResourceError
            If Route 53 rejects the call or does not answer.

        """
        before, after = self._parse_config(old), self._parse_config(new)
        if any(before.get(name) != after.get(name) for name in _CREATE_ONLY):
            return self.create("", new, stack_name)
        resettable = ("ChildHealthChecks", "FullyQualifiedDomainName", "Regions", "ResourcePath")
        changes = {name: value for name, value in after.items() if name not in _CREATE_ONLY}
        resets = [name for name in resettable if name in before and name not in after]
        self._call("UpdateHealthCheck", {"HealthCheckId": check_id, **changes, "ResetElements": resets})
        self._update_tags(check_id, old, new)
        return check_id, {"HealthCheckId": check_id}

    def delete(self, check_id: str, _properties: HealthCheckProperties) -> None:
        """Delete a check; one that is gone already is no error.

        Raises
        ------
        HealthCheckResourceError
            If Route 53 does not answer.

        """
        if self._route53.health_checks.find_any(check_id) is not None:
            self._call("DeleteHealthCheck", {"HealthCheckId": check_id})

    def _parse_config(self, properties: HealthCheckProperties) -> dict[str, Any]:
        shape = load_service_model().shape_for("HealthCheckConfig")
        config: dict[str, Any] = _convert_types(shape, properties["HealthCheckConfig"])
        return config

    def _update_tags(self, check_id: str, old: HealthCheckProperties, new: HealthCheckProperties) -> None:
        before, after = (
            {tag["Key"]: tag["Value"] for tag in properties.get("HealthCheckTags", ())} for properties in (old, new)
        )
        removed = sorted(before.keys() - after.keys())
        if before != after:
            added = [{"Key": key, "Value": str(value)} for key, value in after.items()]
            which = {"ResourceType": "healthcheck", "ResourceId": check_id}
            changes = {"AddTags": added, "RemoveTagKeys": removed}
            non_empty = {name: values for name, values in changes.items() if values}
            self._call("ChangeTagsForResource", {**which, **non_empty})

    def _call(self, operation: str, parameters: Parameters) -> dict[str, Any]:
        if not self._is_answering(operation):
            raise HealthCheckResourceError(f"Route 53's API does not answer {operation}")
        try:
            return self._route53.perform_operation(self._get_account(), operation, parameters)
        except Route53ServiceError as refusal:
            raise HealthCheckResourceError(
                f"{refusal.message} (Service: Route53, Error Code: {refusal.code})"
            ) from refusal


def _convert_types(shape: Shape, value: Any) -> Any:
    """Return a template's value with the types of the service model. Numbers and booleans may be text."""
    match shape:
        case StructureShape():
            unknown = value.keys() - shape.members.keys()
            if unknown:
                raise HealthCheckResourceError(f"extraneous key [{min(unknown)}] is not permitted")
            return {name: _convert_types(shape.members[name], member) for name, member in value.items()}
        case ListShape():
            return [_convert_types(shape.member, item) for item in value]
        case _ if shape.type_name == "boolean":
            return str(value).lower() == "true"
        case _ if shape.type_name in {"integer", "long"}:
            try:
                return int(value)
            except ValueError:
                raise HealthCheckResourceError(f"expected type: Integer, found: {value!r}") from None
        case _:
            return str(value)
