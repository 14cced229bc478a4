"""Tags on hosted zones and health checks."""

from collections import defaultdict
from typing import Any

from sandbox.route53.health_checks import HealthChecks
from sandbox.route53.wire import Parameters
from sandbox.route53.zones import HostedZoneStore

type TaggedResource = tuple[str, str]


class Tags:
    """Stores the tags of existing resources."""

    def __init__(self, *, zones: HostedZoneStore, health_checks: HealthChecks) -> None:
        self._zones = zones
        self._health_checks = health_checks
        self._tags: dict[TaggedResource, dict[str, str]] = defaultdict(dict)
        self.operations = {
            "ChangeTagsForResource": self.change,
            "ListTagsForResource": self.list_page,
            "ListTagsForResources": self.list_many,
        }

    def change(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ChangeTagsForResource."""
        tags = self._tags[self._require_resource(account, parameters["ResourceType"], parameters["ResourceId"])]
        for key in parameters.get("RemoveTagKeys", ()):
            tags.pop(key, None)
        tags |= {tag["Key"]: tag.get("Value", "") for tag in parameters.get("AddTags", ())}
        return {}

    def list_page(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ListTagsForResource."""
        return {"ResourceTagSet": self._describe(account, parameters["ResourceType"], parameters["ResourceId"])}

    def list_many(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ListTagsForResources."""
        kind = parameters["ResourceType"]
        return {
            "ResourceTagSets": [self._describe(account, kind, resource_id) for resource_id in parameters["ResourceIds"]]
        }

    def _require_resource(self, account: str, kind: str, identifier: str) -> TaggedResource:
        """Return the key of an existing resource. A new resource never has the id of a deleted one."""
        if kind == "hostedzone":
            return kind, self._zones.require(account, identifier).id
        return kind, self._health_checks.require(account, identifier).id

    def _describe(self, account: str, kind: str, identifier: str) -> dict[str, Any]:
        tags = self._tags[self._require_resource(account, kind, identifier)]
        return {
            "ResourceType": kind,
            "ResourceId": identifier,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
