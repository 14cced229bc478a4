"""The ledger: every store in one DynamoDB table.

======================  ================================  =====================================================
``pk``                  ``sk``                            content
======================  ================================  =====================================================
``state``               ``state``                         the state; compare-and-set on ``version``
``lease``               ``lease``                         the holder of the lease, and its expiry
``observation#REGION``  ``observation``                   the latest observation of the observer there
``history``             time, version and ordinal         one event; expires at ``expires_at``
``timeline``            time, to the millisecond          one sample; expires at ``expires_at``
``keys``                ``keys``                          the cached keys of the pool
``preflight``           ``preflight``                     the result of the last preflight
======================  ================================  =====================================================
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.error_boundary import translate_unexpected_errors
from cognito_failover.common.errors import LedgerConflictError, LedgerUnavailableError, UnreadableStateError
from cognito_failover.common.region import Instant
from cognito_failover.common.text import format_iso_utc
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.moments import MAX_CLOCK_SKEW_SECONDS
from cognito_failover.core.observation import Observation
from cognito_failover.core.ports.stores import MAX_LEASE_SECONDS, LoadedHistory, VersionedState
from cognito_failover.core.preflight_result import PreflightResult
from cognito_failover.core.rules import DAY_SECONDS
from cognito_failover.probe.jwks_cache import EMPTY_JWKS, CachedJwks
from cognito_failover.storage.state_schema import UnreadableFormatError, decode_state, encode_state
from cognito_failover.timeline.sample import RoundSample
from cognito_failover.timeline.timeline_store import MAX_SAMPLES

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        PutTypeDef,
        QueryInputTypeDef,
        TransactWriteItemTypeDef,
    )

_log = logging.getLogger(__name__)

_STATE = {"pk": {"S": "state"}, "sk": {"S": "state"}}
_LEASE = {"pk": {"S": "lease"}, "sk": {"S": "lease"}}
_KEYS = {"pk": {"S": "keys"}, "sk": {"S": "keys"}}
_PREFLIGHT = {"pk": {"S": "preflight"}, "sk": {"S": "preflight"}}
_OK = 200

HISTORY_DAYS = 400
"""Time that an event stays in the history: a year and a month, for yearly audits."""

SAMPLE_DAYS = 60
"""Time that a sample of the timeline is kept. Reports are kept longer."""

_MAX_HISTORY_ENTRIES = 2000
"""Maximum number of events that `DynamoDBLedger.load_history_between` returns."""

_MAX_OBSERVATION_CHARACTERS = 10_000
"""Many times the usual size. The state quotes observations and must stay small enough for an item."""
_CONFLICT_CODES = frozenset(
    {
        "ConditionalCheckFailedException",
        "TransactionConflictException",
        # The same two as reasons of a cancelled transaction.
        "ConditionalCheckFailed",
        "TransactionConflict",
    }
)
_MAX_EVENTS_PER_TRANSACTION = 99
"""A transaction takes 100 items. One of them is the state."""


class DynamoDBLedger:
    """Implements every store in one table with the string keys ``pk`` and ``sk``.

    Parameters
    ----------
    client
        A client with short timeouts for the table's Region.
    table_name
        The table's name.

    """

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name
        client.meta.events.register("after-call.dynamodb", _reject_malformed, unique_id="reject-malformed")

    def load(self) -> VersionedState | None:
        """Return the state. The read is consistent."""
        with self._translate_errors("read the state"):
            item = self._client.get_item(TableName=self._table_name, Key=_STATE, ConsistentRead=True).get("Item")
            if item is None:
                return None
            return VersionedState(state=self._decode_state(item["body"]["S"]), version=int(item["version"]["N"]))

    def save(self, state: ControllerState, *, expected: int | None, events: Sequence[Event] = ()) -> VersionedState:
        """Save the state if the version still matches, together with the events in one transaction."""
        version = (expected or 0) + 1
        put_state = self._build_state_put(state, version, expected)
        put_history = [
            self._build_history_put(event, version, ordinal)
            for ordinal, event in enumerate(events[:_MAX_EVENTS_PER_TRANSACTION])
        ]
        with self._translate_errors("save the state"):
            try:
                if put_history:
                    writes: list[TransactWriteItemTypeDef] = [{"Put": put} for put in (put_state, *put_history)]
                    self._client.transact_write_items(TransactItems=writes)
                else:  # most rounds; costs half as much
                    self._client.put_item(**put_state)
            except ClientError as error:
                if _is_conflict(error):
                    raise LedgerConflictError(
                        f"The state is no longer at version {expected}: another writer changed it. Read it again."
                    ) from error
                raise
        return VersionedState(state=state, version=version)

    def acquire_lease(self, owner: str, *, now: Instant, seconds: float) -> bool:
        """Take or renew the lease, unless another owner has it. One that ends too far in the future does not count."""
        with self._translate_errors("acquire the lease"):
            try:
                self._client.put_item(
                    TableName=self._table_name,
                    Item={**_LEASE, "holder": {"S": owner}, "held_until": {"N": str(now + seconds)}},
                    ConditionExpression=(
                        "attribute_not_exists(pk) OR holder = :owner OR held_until <= :now OR held_until > :latest"
                    ),
                    ExpressionAttributeValues={
                        ":owner": {"S": owner},
                        ":now": {"N": str(now)},
                        ":latest": {"N": str(now + MAX_LEASE_SECONDS + MAX_CLOCK_SKEW_SECONDS)},
                    },
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def release_lease(self, owner: str) -> None:
        """Delete the lease if the owner still has it."""
        with self._translate_errors("release the lease"):
            try:
                self._client.delete_item(
                    TableName=self._table_name,
                    Key=_LEASE,
                    ConditionExpression="holder = :owner",
                    ExpressionAttributeValues={":owner": {"S": owner}},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return

    def save_observation(self, observation: Observation) -> None:
        """Replace the observer's item."""
        with self._translate_errors("write an observation"):
            self._client.put_item(
                TableName=self._table_name,
                Item={
                    **_build_observation_key(observation.observer),
                    "body": {"S": msgspec.json.encode(observation).decode()},
                },
            )

    def load_observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        """Return the observers' observations with one call.

        Each observer has its own partition, so IAM can deny it the others. A malformed item counts as no observation.
        """
        with self._translate_errors("read the observations"):
            response = self._client.batch_get_item(
                RequestItems={
                    self._table_name: {
                        "Keys": [_build_observation_key(observer) for observer in observers],
                        "ConsistentRead": True,
                    }
                }
            )
            if response.get("UnprocessedKeys"):
                raise LedgerUnavailableError(
                    f"The table {self._table_name} is throttled: not all observations could be read."
                )
            items = response["Responses"][self._table_name]
            bodies = {item["pk"]["S"]: item.get("body", {}).get("S", "") for item in items}
        decoded = (
            _decode_observation(bodies.get(_build_observation_key(observer)["pk"]["S"], ""), observer)
            for observer in observers
        )
        return tuple(observation for observation in decoded if observation)

    def load_history(self, *, limit: int) -> LoadedHistory:
        """Return the latest events, newest first. Those that this version can't read are counted."""
        with self._translate_errors("read the history"):
            response = self._client.query(
                TableName=self._table_name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": "history"}},
                ScanIndexForward=False,
                Limit=limit,
            )
            events = self._decode_all(response["Items"], Event)
            return LoadedHistory(events=events, unreadable_count=len(response["Items"]) - len(events))

    def load_history_between(self, *, since: Instant, until: Instant) -> tuple[Event, ...]:
        """Return the events between two moments, oldest first. Reads page by page."""
        with self._translate_errors("read the history"):
            items = self._query_between(
                "history", format_iso_utc(since), f"{format_iso_utc(until)}~", limit=_MAX_HISTORY_ENTRIES
            )
            return self._decode_all(items, Event)

    def save_preflight(self, preflight: PreflightResult) -> None:
        """Replace the item."""
        with self._translate_errors("write the preflight"):
            self._client.put_item(
                TableName=self._table_name, Item={**_PREFLIGHT, "body": {"S": msgspec.json.encode(preflight).decode()}}
            )

    def load_preflight(self) -> PreflightResult | None:
        """Return the result, or None if this version can't read it."""
        with self._translate_errors("read the preflight"):
            item = self._client.get_item(TableName=self._table_name, Key=_PREFLIGHT).get("Item")
            return self._decode(item, PreflightResult) if item else None

    def save_sample(self, sample: RoundSample) -> None:
        """Save a sample."""
        with self._translate_errors("save a sample of the timeline"):
            self._client.put_item(
                TableName=self._table_name,
                Item={
                    "pk": {"S": "timeline"},
                    "sk": {"S": _format_sort_key(sample.at)},
                    "body": {"S": msgspec.json.encode(sample).decode()},
                    "expires_at": {"N": str(int(sample.at + SAMPLE_DAYS * DAY_SECONDS))},
                },
            )

    def load_samples(self, *, since: Instant, until: Instant, limit: int = MAX_SAMPLES) -> tuple[RoundSample, ...]:
        """Return the latest samples between two moments, oldest first. Reads page by page."""
        with self._translate_errors("read the timeline"):
            items = self._query_between("timeline", _format_sort_key(since), _format_sort_key(until), limit=limit)
            return self._decode_all(items, RoundSample)

    def load_keys(self) -> CachedJwks:
        """Return the cached keys of the pool, `EMPTY_JWKS` if none was."""
        with self._translate_errors("read the keys"):
            item = self._client.get_item(TableName=self._table_name, Key=_KEYS).get("Item")
            return (self._decode(item, CachedJwks) if item else None) or EMPTY_JWKS

    def save_keys(self, jwks: CachedJwks) -> None:
        """Replace the saved keys."""
        with self._translate_errors("save the keys"):
            self._client.put_item(
                TableName=self._table_name, Item={**_KEYS, "body": {"S": msgspec.json.encode(jwks).decode()}}
            )

    def _query_between(
        self, partition: str, since: str, until: str, *, limit: int
    ) -> "list[dict[str, AttributeValueTypeDef]]":
        """Return the latest items of a partition between two sort keys, in ascending order."""
        query: QueryInputTypeDef = {
            "TableName": self._table_name,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :since AND :until",
            "ExpressionAttributeValues": {":pk": {"S": partition}, ":since": {"S": since}, ":until": {"S": until}},
            "ScanIndexForward": False,
        }
        items: list[dict[str, AttributeValueTypeDef]] = []
        while len(items) < limit:
            query["Limit"] = limit - len(items)
            response = self._client.query(**query)
            items += response["Items"]
            if not response.get("LastEvaluatedKey"):
                break
            query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
        return items[::-1]

    def _build_state_put(self, state: ControllerState, version: int, expected: int | None) -> "PutTypeDef":
        put: PutTypeDef = {
            "TableName": self._table_name,
            "Item": {**_STATE, "version": {"N": str(version)}, "body": {"S": encode_state(state)}},
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        if expected is not None:
            put["ConditionExpression"] = "version = :expected"
            put["ExpressionAttributeValues"] = {":expected": {"N": str(expected)}}
        return put

    def _build_history_put(self, event: Event, version: int, ordinal: int) -> "PutTypeDef":
        return {
            "TableName": self._table_name,
            "Item": {
                "pk": {"S": "history"},
                "sk": {"S": f"{format_iso_utc(event.at)}#{version:012d}#{ordinal:02d}"},
                "body": {"S": msgspec.json.encode(event).decode()},
                "expires_at": {"N": str(int(event.at + HISTORY_DAYS * DAY_SECONDS))},
            },
        }

    @contextmanager
    def _translate_errors(self, description: str) -> Iterator[None]:
        expected_errors = (LedgerUnavailableError, LedgerConflictError)
        with translate_unexpected_errors(
            *expected_errors,
            error_type=LedgerUnavailableError,
            description=f"Trying to {description} in the table {self._table_name}",
        ):
            try:
                yield
            except (BotoCoreError, ClientError) as error:
                raise LedgerUnavailableError(
                    f"The table {self._table_name} failed to {description}: {error}"
                ) from error

    def _decode_state(self, body: str) -> ControllerState:
        try:
            return decode_state(body)
        except UnreadableFormatError as error:
            raise UnreadableStateError(
                f"The table {self._table_name} holds a state that this version can't read ({error}). The state is "
                f"kept, and no users are moved. Deploy the version that saved it: it continues from there. If users "
                f"can't wait, use break_glass.py. To keep this version, delete the item `state` from the table: the "
                f"controller then starts again from the records, without its drill, pause and hold."
            ) from error

    def _decode[T](self, item: "Mapping[str, AttributeValueTypeDef]", kind: type[T]) -> T | None:
        """Return the content of an item, or None if another version saved it in a way that this one can't read."""
        try:
            return msgspec.json.decode(item["body"]["S"], type=kind)
        except msgspec.DecodeError as error:
            _log.warning("A saved %s can't be read and is ignored: %s", kind.__name__, error)
            return None

    def _decode_all[T](self, items: "Iterable[Mapping[str, AttributeValueTypeDef]]", kind: type[T]) -> tuple[T, ...]:
        decoded = (self._decode(item, kind) for item in items)
        return tuple(each for each in decoded if each is not None)


def _reject_malformed(http_response: "AWSResponse", **_: Any) -> None:
    """Raise if a response with status 200 is not a JSON object. The SDK would read it as a missing item."""
    if http_response.status_code != _OK:
        return
    try:
        msgspec.json.decode(http_response.content, type=dict[str, msgspec.Raw])
    except msgspec.MsgspecError as error:
        raise LedgerUnavailableError("The table's endpoint answered 200, but not as DynamoDB does.") from error


def _format_sort_key(at: Instant) -> str:
    """Return a moment as text that sorts by time, until the year 5138."""
    return f"{at:015.3f}"


def _build_observation_key(observer: str) -> dict[str, "AttributeValueTypeDef"]:
    return {"pk": {"S": f"observation#{observer}"}, "sk": {"S": "observation"}}


def _decode_observation(body: str, observer: str) -> Observation | None:
    if not body:
        return None
    if len(body) > _MAX_OBSERVATION_CHARACTERS:
        _log.warning("The observation from %s has %d characters and is ignored.", observer, len(body))
        return None
    try:
        observation = msgspec.json.decode(body, type=Observation)
    except msgspec.DecodeError as error:
        _log.warning("The observation from %s can't be read and is ignored: %s", observer, error)
        return None
    if observation.observer != observer:
        _log.warning("The observer in %s names itself %s; its observation is ignored.", observer, observation.observer)
        return None
    return observation


def _is_conflict(error: ClientError) -> bool:
    reasons = error.response.get("CancellationReasons", [])
    codes = {error.response["Error"]["Code"], *(reason.get("Code", "") for reason in reasons)}
    return bool(codes & _CONFLICT_CODES)
