"""A transition as Amazon Q Developer (formerly AWS Chatbot) puts it into a chat: one thread per incident. Pure.

The format is that of its "custom notifications"; plain text it leaves out.
"""

from typing import Any

from failover.signals.brief import in_brief
from failover.signals.headline import headline
from failover.signals.severity import severity
from failover.signals.situation import Situation


def chat_message(situation: Situation, body: str) -> dict[str, Any]:
    """Return the notification as JSON values.

    Parameters
    ----------
    situation
        The transition.
    body
        All that is said of it.

    """
    announcement, name = situation.announcement, situation.settings.sign_in_name
    news = headline(situation)
    return {
        "version": "1.0",
        "source": "custom",
        "id": announcement.id,
        "content": {
            "textType": "client-markdown",
            "title": f"{news} - {name}",
            "description": body,
            "nextSteps": [in_brief(situation)],
            "keywords": [severity(situation).value, name],
        },
        "metadata": {
            # What belongs to no incident is a thread of its own.
            "threadId": announcement.incident or announcement.id,
            "summary": news,
            "eventType": announcement.kind.value,
        },
    }
