"""Lengths of time that are not for the deployer to choose."""

HANDOVER_SECONDS = 5.0
"""How much later than the minute the next invocation's first round may begin: schedule jitter and a cold start."""

LEVER_BUDGET_SECONDS = 3.0
"""What a round usually spends on the levers, at most, after its probes have run out of time."""

CONFIRMATION_TIMEOUT_SECONDS = 120.0
"""After this long a silent name server no longer holds up the confirmation of a move."""

TCP_CONNECT_FRACTION = 0.5
"""The part of the wait for a connection that TCP gets, whose attempts follow each other quickly."""

INVOCATION_INTERVAL_SECONDS = 60.0
"""How often EventBridge starts the controller, at best."""

NOTIFY_SECONDS = 1.5
"""Time that publishing events may take. With less left in a round, the next round publishes them."""
