"""Time limits that are not configurable."""

HANDOVER_SECONDS = 5.0
"""Usual delay of the first round of the next invocation: schedule jitter and a cold start.

EventBridge Scheduler promises a precision of 60 s only (user guide). So a decision may be up to a minute later.
"""

LEVER_BUDGET_SECONDS = 3.0
"""Usual maximum time of a round for the levers, after its probes have timed out."""

CONFIRMATION_TIMEOUT_SECONDS = 120.0
"""Maximum time for which a name server without an answer delays the confirmation of a move."""

TCP_CONNECT_FRACTION = 0.5
"""The share of the connect timeout for TCP, whose attempts follow each other quickly."""

INVOCATION_INTERVAL_SECONDS = 60.0
"""Interval at which EventBridge invokes the controller."""

NOTIFY_SECONDS = 1.5
"""Time that publishing events may take. With less left in a round, the next round publishes them."""
