"""The resource type ``AWS::CloudFormation::Stack``: nested stacks with the life cycle of the engine's other stacks.

The engine's own nested stacks apply no transforms, are not rolled back, and ignore deletion policies.
"""

import asyncio
import copy
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.http_messages import EndpointRequest, EndpointResponse, RequestHandler

NESTED_STACK = "AWS::CloudFormation::Stack"

_LOCAL_ENDPOINT = re.compile(rb"http://127(\.\d+){3}:\d+/")
_SUFFIX_LENGTH = 13
_RESTORED_ON_ROLLBACK = (
    "_resources",
    "_template",
    "_template_body",
    "_resolved_params",
    "_conditions",
    "Parameters",
    "Tags",
    "Outputs",
)

type StackProperties = Mapping[str, Any]
type StackRecord = dict[str, Any]
type CreatedStack = tuple[str, dict[str, str]]
"""The physical id, which is the stack's ARN, and the attributes ``Outputs.*``."""


class NestedStackError(Exception):
    """A nested stack could not be created, updated or deleted; the message is the parent's stack event."""


class NestedStackResources:
    """Creates, updates and deletes nested stacks.

    Not emulated: the caller's permissions for the nested stack and its template in S3, termination protection,
    ``NotificationARNs`` and ``TimeoutInMinutes``. An update deletes resources at its own end, not at the parent's.
    """

    def __init__(self) -> None:
        # Imported late: the engine reads the environment that configure_process() prepares.
        from ministack.core import responses  # noqa: PLC0415
        from ministack.services import cloudformation  # noqa: PLC0415
        from ministack.services.cloudformation import engine, helpers, provisioners, stacks  # noqa: PLC0415

        self._responses: Any = responses
        self._cloudformation: Any = cloudformation
        self._engine: Any = engine
        self._helpers: Any = helpers
        self._provisioners: Any = provisioners
        self._stacks: Any = stacks

    def create(self, logical_id: str, properties: StackProperties, parent_name: str) -> CreatedStack:
        """Create a nested stack. A failed one is rolled back and deleted, unless the parent keeps what failed.

        Raises
        ------
        NestedStackError
            When the template cannot be read or is refused, a capability is missing, or a resource fails.

        """
        definition = self._read_definition(properties, parent_name)
        name = f"{parent_name}-{logical_id}-{uuid.uuid4().hex[:_SUFFIX_LENGTH].upper()}"
        account, region = self._responses.get_account_id(), self._responses.get_region()
        parent = self._find_record(parent_name)
        keeps_failed = bool(parent.get("DisableRollback"))
        record: StackRecord = {
            "StackName": name,
            "StackId": f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid.uuid4()}",
            "StackStatus": "CREATE_IN_PROGRESS",
            "StackStatusReason": "",
            "CreationTime": self._responses.now_iso(),
            "LastUpdatedTime": self._responses.now_iso(),
            "Outputs": [],
            "DisableRollback": keeps_failed,
            "ParentId": parent.get("StackId", ""),
            "RootId": parent.get("RootId") or parent.get("StackId", ""),
            "Capabilities": list(parent.get("Capabilities", ())),
            "_region": region,
            "_resources": {},
            **definition,
        }
        self._cloudformation._stacks[name] = record  # noqa: SLF001 - the engine has no other way
        reason = self._run(record, previous=None)
        if record["StackStatus"] != "CREATE_COMPLETE":
            if not keeps_failed:
                self._delete(record)
            raise NestedStackError(f"Embedded stack {record['StackId']} was not successfully created: {reason}")
        return self._build_result(record)

    def update(self, stack_id: str, _old: StackProperties, new: StackProperties, parent_name: str) -> CreatedStack:
        """Update a nested stack. A failed update is rolled back.

        Raises
        ------
        NestedStackError
            As for create.

        """
        record = self._find_record(stack_id)
        definition = self._read_definition(new, parent_name)
        if all(record.get(name) == value for name, value in definition.items()):
            return self._build_result(record)
        previous = {name: copy.deepcopy(record[name]) for name in _RESTORED_ON_ROLLBACK}
        parent = self._find_record(parent_name)
        record |= {
            **definition,
            "StackStatus": "UPDATE_IN_PROGRESS",
            "LastUpdatedTime": self._responses.now_iso(),
            "Capabilities": list(parent.get("Capabilities", ())),
        }
        reason = self._run(record, previous=previous)
        if record["StackStatus"] != "UPDATE_COMPLETE":
            raise NestedStackError(
                f"Embedded stack {stack_id} was not successfully updated. Currently in {record['StackStatus']} with "
                f"reason: {reason}"
            )
        return self._build_result(record)

    def delete(self, stack_id: str, _properties: StackProperties) -> None:
        """Delete a nested stack and its resources, except those that their policies retain.

        Raises
        ------
        NestedStackError
            When a resource cannot be deleted.

        """
        record = self._find_record(stack_id)
        if not record or record["StackStatus"] == "DELETE_COMPLETE":
            return
        self._delete(record)
        if record["StackStatus"] != "DELETE_COMPLETE":
            raise NestedStackError(
                f"Embedded stack {stack_id} was not successfully deleted: {record.get('StackStatusReason', '')}"
            )

    def _read_definition(self, properties: StackProperties, parent_name: str) -> StackRecord:
        """Return the parts of a stack's record that its template, parameters and tags set."""
        url = str(properties.get("TemplateURL") or "")
        body, refusal = self._helpers._resolve_template({"TemplateURL": [url]})  # noqa: SLF001 - as above
        if refusal is not None or not body:
            raise NestedStackError(f"The template at TemplateURL {url!r} cannot be read.")
        given = properties.get("Parameters") or {}
        if any(isinstance(value, list | dict) for value in given.values()):
            raise NestedStackError(
                "Value of property Parameters must be an object with String (or simple type) properties"
            )
        provided = [{"Key": name, "Value": _to_text(value)} for name, value in given.items()]
        try:
            sent = self._engine._parse_template(body)  # noqa: SLF001 - as above
            template = self._engine._apply_transforms(sent, provided)  # noqa: SLF001 - as above
            for checked in (sent, template):
                self._provisioners._check_nested_stack_capabilities(parent_name, checked)  # noqa: SLF001 - as above
            if unknown := sorted(given.keys() - template.get("Parameters", {}).keys()):
                raise NestedStackError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
            parameters = self._engine._resolve_parameters(template, provided)  # noqa: SLF001 - as above
            conditions = self._engine._evaluate_conditions(template, parameters)  # noqa: SLF001 - as above
            self._engine.validate_template_support(template, conditions, params=parameters)
        except ValueError as error:
            raise NestedStackError(str(error)) from error
        tags = self._provisioners._tag_map(properties.get("Tags"))  # noqa: SLF001 - as above
        return {
            "Description": template.get("Description", ""),
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": entry["Value"], "NoEcho": entry["NoEcho"]}
                for name, entry in parameters.items()
            ],
            "Tags": [{"Key": name, "Value": value} for name, value in tags.items() if not name.startswith("aws:")],
            "_template": template,
            "_template_body": body,
            "_resolved_params": parameters,
            "_conditions": conditions,
        }

    def _run(self, record: StackRecord, *, previous: StackRecord | None) -> str:
        """Deploy as the engine deploys its other stacks, and return the reason of a failure.

        The engine handles a nested stack in a separate thread without an event loop.
        """
        name, stack_id = record["StackName"], record["StackId"]
        earlier_events = len(self._list_events(stack_id))
        self._stacks._add_event(stack_id, name, name, NESTED_STACK, record["StackStatus"], physical_id=stack_id)  # noqa: SLF001 - as above
        asyncio.run(
            self._stacks._deploy_stack_async(  # noqa: SLF001 - as above
                name,
                stack_id,
                record["_template"],
                record["_resolved_params"],
                bool(record["DisableRollback"]),
                record["Tags"],
                is_update=previous is not None,
                previous_stack=previous,
            )
        )
        events = self._list_events(stack_id)[earlier_events:]
        verb = "create" if previous is None else "update"
        failed = sorted(
            event["LogicalResourceId"]
            for event in events
            if event["ResourceStatus"].endswith("_FAILED") and event["LogicalResourceId"] != name
        )
        if failed:
            return f"The following resource(s) failed to {verb}: [{', '.join(failed)}]."
        return next((event["ResourceStatusReason"] for event in events if event["ResourceStatusReason"]), "")

    def _list_events(self, stack_id: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self._cloudformation._stack_events.setdefault(stack_id, [])  # noqa: SLF001 - as above
        return events

    def _delete(self, record: StackRecord) -> None:
        asyncio.run(self._stacks._delete_stack_async(record["StackName"], record["StackId"]))  # noqa: SLF001 - as above

    def _find_record(self, name_or_id: str) -> StackRecord:
        name = self._provisioners._nested_stack_lookup_name(name_or_id)  # noqa: SLF001 - as above
        record: StackRecord | None = self._cloudformation._stacks.get(name)  # noqa: SLF001 - as above
        return {} if record is None else record

    @staticmethod
    def _build_result(record: StackRecord) -> CreatedStack:
        outputs = {f"Outputs.{output['OutputKey']}": str(output["OutputValue"]) for output in record["Outputs"]}
        return record["StackId"], outputs


async def restore_template_urls(request: EndpointRequest, engine: RequestHandler) -> EndpointResponse:
    """Answer a call to CloudFormation, with S3's own URLs of nested templates in ``GetTemplate``.

    ``sam deploy`` builds ``TemplateURL`` from the endpoint that it calls, and ``sam delete`` accepts S3's names only.
    """
    response = await engine(request)
    if request.operation != "GetTemplate":
        return response
    return replace(
        response, body=_LOCAL_ENDPOINT.sub(f"https://s3.{request.region}.amazonaws.com/".encode(), response.body)
    )


def _to_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case _:
            return str(value)
