"""The resource type ``AWS::KMS::ReplicaKey``: a replica, in the stack's Region, of a multi-Region key."""

import json
from collections.abc import Callable, Mapping
from typing import Any

REPLICA_KEY = "AWS::KMS::ReplicaKey"

_OK = 200
_PENDING_DAYS = 30

type KeyProperties = Mapping[str, Any]
type CreatedKey = tuple[str, dict[str, Any]]
"""The physical id, which is the key id, and the attributes."""


class KeyResourceError(Exception):
    """KMS rejected a stack's resource. The message appears in the stack event."""


class ReplicaKeyResources:
    """Creates, updates and deletes replica keys for stacks.

    Parameters
    ----------
    kms
        The engine's KMS module.
    use_scope
        Context manager that sets the engine's account and Region.
    get_scope
        Returns the account and the Region of the current stack.

    """

    def __init__(
        self, *, kms: Any, use_scope: Callable[[str, str], Any], get_scope: Callable[[], tuple[str, str]]
    ) -> None:
        self._kms = kms
        self._use_scope = use_scope
        self._get_scope = get_scope

    def create(self, _logical_id: str, properties: KeyProperties, _stack_name: str) -> CreatedKey:
        """Replicate the key by a call in the primary key's Region.

        Raises
        ------
        KeyResourceError
            If KMS rejects the call: the key is missing, is single-Region, or has a replica in this Region.

        """
        account, region = self._get_scope()
        primary_arn = str(properties["PrimaryKeyArn"])
        with self._use_scope(account, primary_arn.split(":")[3]):
            answer = self._require_success(
                self._kms._replicate_key(  # noqa: SLF001 - the engine has no public function
                    {
                        "KeyId": primary_arn,
                        "ReplicaRegion": region,
                        "Policy": _to_json_text(properties["KeyPolicy"]),
                        "Description": properties.get("Description", ""),
                        "Tags": _build_tags(properties),
                    }
                )
            )
        key_id = str(answer["ReplicaKeyMetadata"]["KeyId"])
        self._set_enabled(key_id, properties)
        return key_id, self._build_attributes(key_id)

    def update(self, key_id: str, old: KeyProperties, new: KeyProperties, stack_name: str) -> CreatedKey:
        """Update the replica. A changed primary key creates another replica.

        Raises
        ------
        KeyResourceError
            If KMS rejects the call.

        """
        if old["PrimaryKeyArn"] != new["PrimaryKeyArn"]:
            return self.create("", new, stack_name)
        policy = {"KeyId": key_id, "PolicyName": "default", "Policy": _to_json_text(new["KeyPolicy"])}
        self._require_success(self._kms._put_key_policy(policy))  # noqa: SLF001 - as above
        description = {"KeyId": key_id, "Description": new.get("Description", "")}
        self._require_success(self._kms._update_key_description(description))  # noqa: SLF001 - as above
        self._find_key(key_id)["Tags"] = _build_tags(new)
        self._set_enabled(key_id, new)
        return key_id, self._build_attributes(key_id)

    def delete(self, key_id: str, properties: KeyProperties) -> None:
        """Schedule the replica for deletion. A missing key is no error."""
        days = properties.get("PendingWindowInDays", _PENDING_DAYS)
        self._kms._schedule_key_deletion({"KeyId": key_id, "PendingWindowInDays": days})  # noqa: SLF001 - as above

    def _set_enabled(self, key_id: str, properties: KeyProperties) -> None:
        change = self._kms._disable_key if properties.get("Enabled") is False else self._kms._enable_key  # noqa: SLF001
        self._require_success(change({"KeyId": key_id}))

    def _find_key(self, key_id: str) -> dict[str, Any]:
        key: dict[str, Any] = self._kms._resolve_key(key_id)  # noqa: SLF001 - as above
        return key

    def _build_attributes(self, key_id: str) -> dict[str, Any]:
        return {"Arn": self._find_key(key_id)["Arn"], "KeyId": key_id}

    @staticmethod
    def _require_success(answer: tuple[int, Mapping[str, str], bytes]) -> dict[str, Any]:
        status, _, body = answer
        content: dict[str, Any] = json.loads(body) if body else {}
        if status != _OK:
            message = content.get("message") or content.get("Message") or content
            error_code = content.get("__type")
            raise KeyResourceError(f"{message} (Service: Kms, Status Code: {status}, Error Code: {error_code})")
        return content


def _to_json_text(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def _build_tags(properties: KeyProperties) -> list[dict[str, str]]:
    return [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties.get("Tags", [])]
