"""A transition as Amazon Q Developer (formerly AWS Chatbot) puts it into a chat: one thread per incident. Pure.

The format is that of its "custom notifications"; plain text it leaves out.
"""

from typing import Any

from cognito_failover.notifications.call_to_action import format_call_to_action
from cognito_failover.notifications.context import EventContext
from cognito_failover.notifications.headline import format_headline
from cognito_failover.notifications.severity import rate_severity


def build_chat_message(context: EventContext, body: str) -> dict[str, Any]:
    """Return the notification as JSON values.

    Parameters
    ----------
    situation
        The transition.
    body
        All that is said of it.

    """
    event, name = context.event, context.settings.sign_in_name
    headline_text = format_headline(context)
    return {
        "version": "1.0",
        "source": "custom",
        "id": event.id,
        "content": {
            "textType": "client-markdown",
            "title": f"{headline_text} - {name}",
            "description": body,
            "nextSteps": [format_call_to_action(context)],
            "keywords": [rate_severity(context).value, name],
        },
        "metadata": {
            # What belongs to no incident is a thread of its own.
            "threadId": event.incident_id or event.id,
            "summary": headline_text,
            "eventType": event.kind.value,
        },
    }
