"""In-memory twin of a DynamoDB table, called like the SDK's client.

It knows the calls and the conditions of `cognito_failover.storage.dynamodb`, and no others. It answers at once, so that
thousands of orders of calls can be tried. Items are copied as text, so that no caller shares them.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

type Item = dict[str, dict[str, str]]
type _Key = tuple[str, str]

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}


class ConditionFailedError(ClientError):
    """A write was refused, because its condition does not hold."""


class MemoryTable:
    """The items of one table. Several clients may share them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.items: dict[_Key, Item] = {}


class MemoryDynamoDBClient:
    """A client of one table.

    Parameters
    ----------
    table
        The table's items.

    """

    exceptions = SimpleNamespace(ConditionalCheckFailedException=ConditionFailedError)

    def __init__(self, table: MemoryTable) -> None:
        self._table = table
        self.meta = SimpleNamespace(events=SimpleNamespace(register=_ignore_registration))

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool = False) -> dict[str, Any]:  # noqa: N803, ARG002
        """Return the item with this key, if there is one."""
        item = self._find_table(TableName, "GetItem").items.get(_get_key(Key))
        return {"Item": _copy(item)} if item else {}

    def put_item(self, **put: Any) -> dict[str, Any]:
        """Replace an item if the condition holds."""
        self._check(put, "PutItem")
        self._apply(put)
        return {}

    def transact_write_items(self, *, TransactItems: Iterable[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Make all puts or none."""
        puts = [item["Put"] for item in TransactItems]
        try:
            for put in puts:
                self._check(put, "TransactWriteItems")
        except ConditionFailedError as error:
            message = "Transaction cancelled"
            raise ClientError(
                {
                    "Error": {"Code": "TransactionCanceledException", "Message": message},
                    "CancellationReasons": [{"Code": "ConditionalCheckFailed"}],
                },
                "TransactWriteItems",
            ) from error
        for put in puts:
            self._apply(put)
        return {}

    def delete_item(self, **deletion: Any) -> dict[str, Any]:
        """Delete an item if the condition holds."""
        key = deletion["Key"]
        self._check({**deletion, "Item": key}, "DeleteItem")
        self._table.items.pop(_get_key(key), None)
        return {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Return the items with these keys, without those that do not exist."""
        responses = {
            name: [
                _copy(self._find_table(name, "BatchGetItem").items[_get_key(key)])
                for key in request["Keys"]
                if _get_key(key) in self._table.items
            ]
            for name, request in RequestItems.items()
        }
        return {"Responses": responses, "UnprocessedKeys": {}}

    def query(self, **query: Any) -> dict[str, Any]:
        """Return a page of one partition, in the order of the sort keys."""
        self._find_table(query["TableName"], "Query")
        values = {name: value["S"] for name, value in query["ExpressionAttributeValues"].items()}
        since, until = values.get(":since", ""), values.get(":until", "\U0010ffff")
        matching = sorted(
            (sort_key, item)
            for (partition, sort_key), item in self._table.items.items()
            if partition == values[":pk"] and since <= sort_key <= until
        )
        if not query["ScanIndexForward"]:
            matching.reverse()
        return {"Items": [_copy(item) for _, item in matching[: query["Limit"]]]}

    def _find_table(self, name: str, operation: str) -> MemoryTable:
        if name != self._table.name:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": name}}, operation)
        return self._table

    def _check(self, write: Mapping[str, Any], operation: str) -> None:
        """Raise if the condition of a write does not hold."""
        existing = self._find_table(write["TableName"], operation).items.get(_get_key(write["Item"]), {})
        condition, values = write.get("ConditionExpression", ""), write.get("ExpressionAttributeValues", {})
        alternatives = condition.split(" OR ")
        if condition and not any(_holds(alternative, existing, values) for alternative in alternatives):
            raise ConditionFailedError(
                {"Error": {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}},
                operation,
            )

    def _apply(self, put: Mapping[str, Any]) -> None:
        self._table.items[_get_key(put["Item"])] = _copy(put["Item"])


def _ignore_registration(*_: Any, **__: Any) -> None:
    """Do nothing: there are no HTTP responses to check."""


def _get_key(item: Item) -> _Key:
    return item["pk"]["S"], item["sk"]["S"]


def _copy(item: Item) -> Item:
    return {name: dict(value) for name, value in item.items()}


def _holds(condition: str, item: Item, values: Item) -> bool:
    """Return whether one comparison holds. As in DynamoDB, none holds for an attribute that the item does not have."""
    if condition == "attribute_not_exists(pk)":
        return not item
    name, symbol, placeholder = condition.split(" ")
    return name in item and _COMPARISONS[symbol](_get_value(item[name]), _get_value(values[placeholder]))


def _get_value(attribute: dict[str, str]) -> str | Decimal:
    ((kind, text),) = attribute.items()
    return Decimal(text) if kind == "N" else text
