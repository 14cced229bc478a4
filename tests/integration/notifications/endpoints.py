"""The requests and responses of the stand-in for EventBridge, SNS and Parameter Store."""

import json
from dataclasses import dataclass, field
from threading import Event
from typing import Any
from urllib.parse import parse_qs

from tests.integration.notifications.parameter_store import FakeParameterStore

SNS_ACCEPTED = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">'
    "<PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
)
EVENTBRIDGE_ACCEPTED: dict[str, Any] = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}


@dataclass
class NotificationEndpoints:
    """The requests that arrived, and the responses to give.

    Attributes
    ----------
    events, messages
        The requests to EventBridge and SNS.
    eventbridge_response
        The response of EventBridge.
    sns_status
        The HTTP status of SNS.
    sns_hangs
        Whether SNS never responds.
    parameters
        Parameter Store.
    test_ended
        Releases hanging requests.

    """

    events: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, str]] = field(default_factory=list)
    eventbridge_response: dict[str, Any] = field(default_factory=lambda: EVENTBRIDGE_ACCEPTED)
    sns_status: int = 200
    sns_hangs: bool = False
    parameters: FakeParameterStore = field(default_factory=FakeParameterStore)
    test_ended: Event = field(default_factory=Event)

    def respond(self, target: str, body: str) -> tuple[int, str]:
        """Return the status and body of the response to one request."""
        if target == "AWSEvents.PutEvents":
            self.events.extend(json.loads(body)["Entries"])
            return 200, json.dumps(self.eventbridge_response)
        service, _, operation = target.partition(".")
        if service == "AmazonSSM":
            return self.parameters.respond(operation, body)
        if self.sns_hangs:
            self.test_ended.wait()
        self.messages.append({name: values[0] for name, values in parse_qs(body).items()})
        return self.sns_status, SNS_ACCEPTED
