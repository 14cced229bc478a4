"""A stand-in for Parameter Store."""

import json
from dataclasses import dataclass, field


@dataclass
class FakeParameterStore:
    """The parameters, the requests that arrived, and the operations to refuse.

    Attributes
    ----------
    parameters
        Values by name.
    requests
        The requested operations, in order.
    refuses_calls
        Operations that fail with an error.

    """

    parameters: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    refuses_calls: set[str] = field(default_factory=set)

    def respond(self, operation: str, body: str) -> tuple[int, str]:
        """Return the status and body of the response to one request."""
        self.requests.append(operation)
        request = json.loads(body)
        if operation in self.refuses_calls:
            return 400, json.dumps({"__type": "AccessDeniedException", "Message": "not authorized"})
        if operation == "PutParameter":
            self.parameters[request["Name"]] = request["Value"]
            return 200, json.dumps({"Version": 1, "Tier": "Standard"})
        if request["Name"] not in self.parameters:
            return 400, json.dumps({"__type": "ParameterNotFound"})
        return 200, json.dumps({"Parameter": {"Name": request["Name"], "Value": self.parameters[request["Name"]]}})
