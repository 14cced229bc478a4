"""A hosted zone in Route 53."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.deadlines import Deadline, require_result, run_in_thread
from cognito_failover.common.error_boundary import translate_unexpected_errors
from cognito_failover.common.errors import (
    DeadlineExceededError,
    FailoverError,
    LeverBusyError,
    LeverRefusedError,
    LeverUnavailableError,
    UnknownChangeError,
)
from cognito_failover.common.region import Instant
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.record_set import get_record_key, to_absolute_name
from cognito_failover.routing.records.hosted_zone import ChangeRejectedError, RecordChange, ZoneInfo

if TYPE_CHECKING:
    from mypy_boto3_route53.client import Route53Client
    from mypy_boto3_route53.type_defs import (
        ChangeTypeDef,
        GetHostedZoneResponseTypeDef,
        ListResourceRecordSetsResponseTypeDef,
    )
    from mypy_boto3_sts.client import STSClient
    from mypy_boto3_sts.type_defs import CredentialsTypeDef

CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 2.0

ROLE_SESSION_SECONDS = 3600
"""Lifetime of assumed credentials: the maximum that AWS allows for role chaining."""

_SESSION_NAME = "cognito-failover"

_PAGE_SIZE = "100"

# The parameters that continue a listing after the last page, with the response fields that hold them.
_PAGINATION_KEYS = {
    "StartRecordName": "NextRecordName",
    "StartRecordType": "NextRecordType",
    "StartRecordIdentifier": "NextRecordIdentifier",
}

_CHANGE_OPERATION = "ChangeResourceRecordSets"
_ASSUME_ROLE_OPERATION = "AssumeRole"

_REJECTED_CODES = frozenset({"InvalidChangeBatch", "InvalidInput"})

_THROTTLING_CODES = frozenset(
    {"Throttling", "ThrottlingException", "RequestLimitExceeded", "PriorRequestNotComplete", "TooManyRequestsException"}
)
_MIN_SERVER_ERROR_STATUS = 500

_ACCESS_DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})

# One attempt per call: the next round retries, and two attempts do not fit into one round.
_CONFIG = Config(
    connect_timeout=CONNECT_TIMEOUT_SECONDS,
    read_timeout=READ_TIMEOUT_SECONDS,
    retries={"total_max_attempts": 1, "mode": "standard"},
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Credentials:
    access_key: str
    secret_key: str
    token: str
    renew_at: Instant
    expires_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class _AuthenticatedClient:
    """A client and its credentials. None if it signs with the function's own role."""

    client: "Route53Client"
    credentials: _Credentials | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One page of a listing: the records of the requested names, and the start of the next page."""

    record_sets: Mapping[tuple[str, str, str], RecordSet]
    complete_names: frozenset[str]
    next_name: str
    next_start: Mapping[str, Any]

    def get_next(self, name: str) -> Mapping[str, Any] | None:
        """Return the start of the next page with records of a name, or None if there are no more."""
        return self.next_start if self.next_name == name else None


class Route53Zone:
    """A hosted zone of this account, or of another account through a role.

    Parameters
    ----------
    zone_id
        The hosted zone's id.
    region
        The Region whose STS endpoint gives the role's credentials.
    role_arn
        The role to assume for every call; empty for a zone of this account.
    role_policy
        A session policy that restricts the role; empty for no restriction.
    clock
        The time, in seconds since the epoch.
    call_timeout_seconds
        The longest time of a call that reads, even if it hangs.
    session
        The botocore session that creates the clients.

    """

    def __init__(
        self,
        zone_id: str,
        *,
        region: str,
        role_arn: str = "",
        role_policy: str = "",
        clock: Callable[[], Instant] = time.time,
        call_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS,
        session: botocore.session.Session | None = None,
    ) -> None:
        self._zone_id = zone_id.rpartition("/")[2]
        self._region = region
        self._role_arn = role_arn
        self._role_policy = role_policy
        self._clock = clock
        self._call_timeout_seconds = call_timeout_seconds
        self._session = session or botocore.session.get_session()
        self._authenticated_client: _AuthenticatedClient | None = None
        self._credentials: _Credentials | None = None
        self._info: ZoneInfo | None = None

    def get_info(self) -> ZoneInfo:
        """Return the zone's name, kind and name servers; see `DnsZone.get_info`."""
        if self._info is None:
            self._info = self._request(
                "GetHostedZone", lambda client: _parse_zone_info(client.get_hosted_zone(Id=self._zone_id))
            )
        return self._info

    def list_record_sets(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        """Return every record set at these names; see `DnsZone.list_record_sets`."""
        by_key: dict[tuple[str, str, str], RecordSet] = {}
        complete_names: set[str] = set()
        for name in names:
            # Route 53 allows five requests a second per account, so a name that an earlier page completed is skipped.
            if name in complete_names:
                continue
            for page in self._iterate_pages(name, names):
                by_key |= page.record_sets
                complete_names |= page.complete_names
        return tuple(by_key.values())

    def submit(self, changes: Sequence[RecordChange], *, comment: str) -> str:
        """Apply all changes or none; see `DnsZone.submit`."""
        batch = [{"Action": change.action.value, "ResourceRecordSet": change.record_set} for change in changes]
        # In the caller's thread: an abandoned thread could still make the change much later.
        with self._translate_errors(_CHANGE_OPERATION):
            answer = self._get_client().change_resource_record_sets(
                HostedZoneId=self._zone_id,
                ChangeBatch={"Comment": comment, "Changes": cast("list[ChangeTypeDef]", batch)},
            )
            return answer["ChangeInfo"]["Id"].rpartition("/")[2]

    def is_in_sync(self, change_id: str) -> bool:
        """Return whether all name servers have the change; see `DnsZone.is_in_sync`."""
        return self._request(
            "GetChange", lambda client: client.get_change(Id=change_id)["ChangeInfo"]["Status"] == "INSYNC"
        )

    def refresh(self) -> None:
        """Renew the role's credentials after half of their lifetime, and read the zone's name servers.

        Call it regularly: STS may be down when the credentials are needed.

        Raises
        ------
        LeverUnavailableError
            If the renewal fails. The current credentials stay in use until they expire.

        """
        if self._role_arn and (self._credentials is None or self._clock() >= self._credentials.renew_at):
            self._assume_role()
        self.get_info()

    def _iterate_pages(self, name: str, names: Sequence[str]) -> "Iterator[_Page]":
        start: Mapping[str, Any] | None = {"StartRecordName": name}
        while start:
            fetch = partial(self._fetch_page, names=names, start=start)
            page = self._request("ListResourceRecordSets", fetch)
            yield page
            start = page.get_next(name)

    def _fetch_page(self, client: "Route53Client", *, names: Sequence[str], start: Mapping[str, Any]) -> "_Page":
        return _parse_page(
            client.list_resource_record_sets(HostedZoneId=self._zone_id, MaxItems=_PAGE_SIZE, **start), names
        )

    def _request[T](self, operation: str, call: "Callable[[Route53Client], T]") -> T:
        """Call Route 53 and parse the response. A malformed response counts as unavailable."""
        with self._translate_errors(operation):
            client = self._get_client()
        return self._call_with_timeout(operation, lambda: call(client))

    def _get_client(self) -> "Route53Client":
        credentials = self._credentials
        if self._role_arn and (credentials is None or self._clock() >= credentials.expires_at):
            credentials = self._assume_role()
        authenticated_client = self._authenticated_client
        # Another thread may renew the credentials at any time, so a client and its credentials are stored together.
        if authenticated_client is None or authenticated_client.credentials is not credentials:
            client = cast("Route53Client", self._create_client("route53", credentials))
            authenticated_client = self._authenticated_client = _AuthenticatedClient(
                client=client, credentials=credentials
            )
        return authenticated_client.client

    def _assume_role(self) -> "_Credentials":
        requested_at = self._clock()
        session_policy: dict[str, Any] = {"Policy": self._role_policy} if self._role_policy else {}
        with self._translate_errors(_ASSUME_ROLE_OPERATION):
            # With a Region, this is the regional STS endpoint. The global endpoint depends on us-east-1.
            sts = cast("STSClient", self._create_client("sts", None))

        def assume() -> _Credentials:
            answer = sts.assume_role(
                RoleArn=self._role_arn,
                RoleSessionName=_SESSION_NAME,
                DurationSeconds=ROLE_SESSION_SECONDS,
                **session_policy,
            )
            return _parse_credentials(answer["Credentials"], requested_at)

        self._credentials = credentials = self._call_with_timeout(_ASSUME_ROLE_OPERATION, assume)
        return credentials

    def _create_client(self, service: str, credentials: _Credentials | None) -> Any:
        keys: dict[str, Any] = (
            {
                "aws_access_key_id": credentials.access_key,
                "aws_secret_access_key": credentials.secret_key,
                "aws_session_token": credentials.token,
            }
            if credentials
            else {}
        )
        return self._session.create_client(service, region_name=self._region, config=_CONFIG, **keys)

    def _call_with_timeout[T](self, operation: str, call: Callable[[], T]) -> T:
        """Make a read-only call with one timeout. The client's own timeouts do not cover name resolution."""
        with self._translate_errors(operation):
            try:
                return require_result(Deadline(self._call_timeout_seconds), run_in_thread(call, name=operation))
            except DeadlineExceededError:
                message = f"{operation} got no answer within {self._call_timeout_seconds:g} s."
                raise LeverUnavailableError(message) from None

    @contextmanager
    def _translate_errors(self, operation: str) -> Iterator[None]:
        with translate_unexpected_errors(FailoverError, error_type=LeverUnavailableError, description=operation):
            try:
                yield
            except ClientError as error:
                raise self._translate_error(operation, error) from error
            except BotoCoreError as error:
                raise LeverUnavailableError(f"{operation} got no answer: {error}.") from error

    def _translate_error(self, operation: str, error: ClientError) -> FailoverError:
        code = error.response["Error"]["Code"]
        message = f"{operation} answered {code}: {error.response['Error'].get('Message', '')}".rstrip(": .") + "."
        if code in _REJECTED_CODES and operation == _CHANGE_OPERATION:
            return ChangeRejectedError(message)
        if code == "NoSuchHealthCheck":
            return LeverRefusedError(
                f"{message} Route 53 refuses every change of a record that names a deleted health check. Remove the "
                f"check from the records. To move users in the same step: break_glass.py --without-check ID."
            )
        if code == "NoSuchChange":
            return UnknownChangeError(message)
        if code in _ACCESS_DENIED_CODES:
            service = "sts" if operation == _ASSUME_ROLE_OPERATION else "route53"
            resources = {
                _ASSUME_ROLE_OPERATION: self._role_arn,
                _CHANGE_OPERATION: f"{self._zone_id}, for all names in docs/policies/zone-role.json,",
                "GetChange": "change/*",
            }
            resource = resources.get(operation, self._zone_id)
            # A permission may be granted later, and a failing endpoint may deny it by mistake. Neither ends a failover.
            return LeverUnavailableError(
                f"{message} Allow {service}:{operation} on {resource} to the role this runs as, and check that no "
                f"policy denies it."
            )
        if code == "NoSuchHostedZone":
            return LeverRefusedError(
                f"{message} HOSTED_ZONE_ID is {self._zone_id}. Set it to the id of an existing zone."
            )
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _THROTTLING_CODES or status >= _MIN_SERVER_ERROR_STATUS:
            return LeverBusyError(message)
        return LeverUnavailableError(message)


def _parse_zone_info(answer: "GetHostedZoneResponseTypeDef") -> ZoneInfo:
    zone = answer["HostedZone"]
    return ZoneInfo(
        name=to_absolute_name(zone["Name"]),
        is_private=zone.get("Config", {}).get("PrivateZone", False),
        # A private zone has no delegation set.
        name_servers=tuple(answer.get("DelegationSet", {}).get("NameServers", ())),
        accelerated_recovery=zone.get("Features", {}).get("AcceleratedRecoveryStatus", ""),
    )


def _parse_page(answer: "ListResourceRecordSetsResponseTypeDef", names: Sequence[str]) -> _Page:
    page: Mapping[str, Any] = answer
    page_records, is_truncated = page["ResourceRecordSets"], page["IsTruncated"]
    next_name = to_absolute_name(page["NextRecordName"]) if is_truncated else ""
    return _Page(
        record_sets={
            get_record_key(record_set): record_set
            for record_set in page_records
            if to_absolute_name(record_set["Name"]) in names
        },
        # A name is complete if the next page starts with another name, or if there is no next page.
        complete_names=frozenset(
            {to_absolute_name(record_set["Name"]) for record_set in page_records} - {next_name}
            if is_truncated
            else names
        ),
        next_name=next_name,
        next_start={start: page[end] for start, end in _PAGINATION_KEYS.items() if end in page},
    )


def _parse_credentials(credentials: "CredentialsTypeDef", requested_at: Instant) -> _Credentials:
    expires_at = credentials["Expiration"].timestamp()
    return _Credentials(
        access_key=credentials["AccessKeyId"],
        secret_key=credentials["SecretAccessKey"],
        token=credentials["SessionToken"],
        renew_at=(requested_at + expires_at) / 2,
        expires_at=expires_at,
    )
