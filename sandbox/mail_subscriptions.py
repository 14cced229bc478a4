"""SNS subscriptions by mail: pending until their owner confirms them, and listed as deleted once they have ended."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from sandbox.http_messages import EndpointRequest, EndpointResponse, RequestHandler

_MAIL_PROTOCOLS = frozenset({"email", "email-json"})
_LISTINGS = frozenset({"ListSubscriptions", "ListSubscriptionsByTopic"})

PENDING = "PendingConfirmation"
DELETED = "Deleted"
"""What listings have instead of an ARN (SNS, API reference and console)."""

type Subscription = dict[str, Any]


class MailSubscriptions:
    """Answers the operations on subscriptions, and passes the others to the engine, which confirms them at once.

    The mail to an address is not sent. Its token is the address. On AWS a pending subscription ends after two days.
    """

    def __init__(self) -> None:
        from ministack.services import sns  # noqa: PLC0415 - the engine reads its environment at import

        self._sns = sns
        self._seen: set[str] = set()
        self._ended: list[Subscription] = []

    async def intercept(self, request: EndpointRequest, engine: RequestHandler) -> EndpointResponse:
        """Answer a call to SNS."""
        parameters = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        ending = self._list(parameters.get("SubscriptionArn", "")) if request.operation == "Unsubscribe" else []
        self._make_new_ones_pending()
        response = await engine(request)
        self._make_new_ones_pending()
        self._ended += ending
        if request.operation == "Subscribe" and parameters.get("ReturnSubscriptionArn") != "true":
            return self._replace_arns(response, "pending confirmation")
        if request.operation in _LISTINGS:
            return self._add_ended(self._replace_arns(response, PENDING), parameters.get("TopicArn", ""))
        return response

    def _make_new_ones_pending(self) -> None:
        for subscription in self._list():
            if subscription["protocol"] in _MAIL_PROTOCOLS and subscription["arn"] not in self._seen:
                self._seen.add(subscription["arn"])
                subscription |= {"confirmed": False, "token": subscription["endpoint"]}
                subscription["attributes"][PENDING] = "true"

    def _list(self, arn: str = "") -> list[Subscription]:
        topics = self._sns._topics.all_values()  # noqa: SLF001 - the engine has no public accessor
        return [each for topic in topics for each in topic["subscriptions"] if not arn or each["arn"] == arn]

    def _replace_arns(self, response: EndpointResponse, text: str) -> EndpointResponse:
        body = response.body
        for subscription in self._list():
            if not subscription["confirmed"]:
                body = body.replace(_tag(subscription["arn"]), _tag(text))
        return replace(response, body=body)

    def _add_ended(self, response: EndpointResponse, topic_arn: str) -> EndpointResponse:
        members = b"".join(
            b"<member>%s<TopicArn>%s</TopicArn><Protocol>%s</Protocol></member>"
            % (_tag(DELETED), each["topic_arn"].encode(), each["protocol"].encode())
            for each in self._ended
            if topic_arn in ("", each["topic_arn"])
        )
        return replace(response, body=response.body.replace(b"</Subscriptions>", members + b"</Subscriptions>"))


def _tag(arn: str) -> bytes:
    return f"<SubscriptionArn>{arn}</SubscriptionArn>".encode()
