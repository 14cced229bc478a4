"""The chat message about an event, with one thread per incident. Pure.

The format is the custom notification of Amazon Q Developer in chat applications (formerly AWS Chatbot). The service
drops plain text.
"""

from typing import Any

from cognito_failover.core.severity import rate_severity
from cognito_failover.notifications.catalogue import format_call_to_action, format_headline
from cognito_failover.notifications.context import EventContext


def build_chat_message(context: EventContext, body: str) -> dict[str, Any]:
    """Return the notification as JSON values.

    Parameters
    ----------
    context
        The event.
    body
        The full text of the message.

    """
    event, name = context.event, context.settings.sign_in_name
    headline = format_headline(context)
    return {
        "version": "1.0",
        "source": "custom",
        "id": event.id,
        "content": {
            "textType": "client-markdown",
            "title": f"{headline} - {name}",
            "description": body,
            "nextSteps": [format_call_to_action(context)],
            "keywords": [rate_severity(event, context.state).value, name],
        },
        "metadata": {
            # An event without an incident has its own thread.
            "threadId": event.incident_id or event.id,
            "summary": headline,
            "eventType": event.kind.value,
        },
    }
