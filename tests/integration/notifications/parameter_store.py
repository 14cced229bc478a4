"""What a stand-in for Parameter Store holds, and how it answers."""

import json
from dataclasses import dataclass, field


@dataclass
class FakeParameterStore:
    """The parameters by name, and what the service was asked.

    Attributes
    ----------
    asked
        The operations asked for so far, in order.
    refuses
        Operations that are answered with an error.

    """

    parameters: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    refuses_calls: set[str] = field(default_factory=set)

    def respond(self, operation: str, body: str) -> tuple[int, str]:
        """Take one request, and return the status and body of the answer."""
        self.requests.append(operation)
        asked = json.loads(body)
        if operation in self.refuses_calls:
            return 400, json.dumps({"__type": "AccessDeniedException", "Message": "not authorized"})
        if operation == "PutParameter":
            self.parameters[asked["Name"]] = asked["Value"]
            return 200, json.dumps({"Version": 1, "Tier": "Standard"})
        if asked["Name"] not in self.parameters:
            return 400, json.dumps({"__type": "ParameterNotFound"})
        return 200, json.dumps({"Parameter": {"Name": asked["Name"], "Value": self.parameters[asked["Name"]]}})
