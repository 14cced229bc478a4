"""Tags on hosted zones and health checks."""

from collections import defaultdict
from typing import Any

from sandbox.route53.health_checks import HealthChecks
from sandbox.route53.wire import Parameters
from sandbox.route53.zones import Zones

type Resource = tuple[str, str]


class Tags:
    """Keeps the tags of what exists."""

    def __init__(self, *, zones: Zones, health_checks: HealthChecks) -> None:
        self._zones = zones
        self._health_checks = health_checks
        self._tags: dict[Resource, dict[str, str]] = defaultdict(dict)
        self.operations = {
            "ChangeTagsForResource": self.change,
            "ListTagsForResource": self.list_page,
            "ListTagsForResources": self.list_many,
        }

    def change(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ChangeTagsForResource."""
        tags = self._tags[self._resource(account, parameters["ResourceType"], parameters["ResourceId"])]
        for key in parameters.get("RemoveTagKeys", ()):
            tags.pop(key, None)
        tags |= {tag["Key"]: tag.get("Value", "") for tag in parameters.get("AddTags", ())}
        return {}

    def list_page(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ListTagsForResource."""
        return {"ResourceTagSet": self._shown(account, parameters["ResourceType"], parameters["ResourceId"])}

    def list_many(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ListTagsForResources."""
        kind = parameters["ResourceType"]
        return {"ResourceTagSets": [self._shown(account, kind, one) for one in parameters["ResourceIds"]]}

    def _resource(self, account: str, kind: str, identifier: str) -> Resource:
        """Name a resource that exists; a resource created later never has the id of one deleted."""
        if kind == "hostedzone":
            return kind, self._zones.get(account, identifier).id
        return kind, self._health_checks.find(account, identifier).id

    def _shown(self, account: str, kind: str, identifier: str) -> dict[str, Any]:
        tags = self._tags[self._resource(account, kind, identifier)]
        return {
            "ResourceType": kind,
            "ResourceId": identifier,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
