"""What a message says about itself to subscribers who choose, thread and drop repeats. Pure."""

from collections.abc import Iterator

from cognito_failover.notifications.context import EventContext
from cognito_failover.notifications.severity import rate_severity


def build_attributes(context: EventContext) -> dict[str, str]:
    """Return names and values, without those that say nothing: SNS takes no empty ones."""
    return {name: value for name, value in _list_attributes(context) if value}


def _list_attributes(context: EventContext) -> Iterator[tuple[str, str]]:
    event, settings, state = context.event, context.settings, context.state
    yield "kind", event.kind.value
    yield "severity", rate_severity(context).value
    yield "incident", event.incident_id
    yield "id", event.id
    yield "domain", settings.sign_in_name
    yield "active_region", settings.regions[state.active_role] if state else ""
    yield "drill", event.drill_id
    # SNS's own: as reliable as it can be, not as cheap.
    yield "AWS.SNS.SMS.SMSType", "Transactional"
