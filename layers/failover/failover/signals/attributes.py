"""What a message says about itself to subscribers who choose, thread and drop repeats. Pure."""

from collections.abc import Iterator

from failover.signals.severity import severity
from failover.signals.situation import Situation


def attributes_of(situation: Situation) -> dict[str, str]:
    """Return names and values, without those that say nothing: SNS takes no empty ones."""
    return {name: value for name, value in _attributes(situation) if value}


def _attributes(situation: Situation) -> Iterator[tuple[str, str]]:
    announcement, settings, state = situation.announcement, situation.settings, situation.state
    yield "kind", announcement.kind.value
    yield "severity", severity(situation).value
    yield "incident", announcement.incident
    yield "id", announcement.id
    yield "domain", settings.sign_in_name
    yield "active_region", settings.regions[state.active] if state else ""
    yield "drill", announcement.drill_id
    # SNS's own: as reliable as it can be, not as cheap.
    yield "AWS.SNS.SMS.SMSType", "Transactional"
