"""What a stand-in for Parameter Store holds, and how it answers."""

import json
from dataclasses import dataclass, field


@dataclass
class ParameterStore:
    """The parameters by name, and what the service was asked.

    Attributes
    ----------
    asked
        The operations asked for so far, in order.
    refuses
        Operations that are answered with an error.

    """

    held: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    def answer(self, operation: str, body: str) -> tuple[int, str]:
        """Take one request, and return the status and body of the answer."""
        self.asked.append(operation)
        asked = json.loads(body)
        if operation in self.refuses:
            return 400, json.dumps({"__type": "AccessDeniedException", "Message": "not authorized"})
        if operation == "PutParameter":
            self.held[asked["Name"]] = asked["Value"]
            return 200, json.dumps({"Version": 1, "Tier": "Standard"})
        if asked["Name"] not in self.held:
            return 400, json.dumps({"__type": "ParameterNotFound"})
        return 200, json.dumps({"Parameter": {"Name": asked["Name"], "Value": self.held[asked["Name"]]}})
