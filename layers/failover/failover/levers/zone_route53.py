"""A hosted zone, by Route 53's API."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from failover.bounded import Deadline, result_by, start
from failover.errors import FailoverError, LeverRefusedError, LeverUnavailableError, UnknownChangeError
from failover.levers.lever import RecordSet
from failover.levers.records import absolute, key_of
from failover.levers.zone import Change, ChangeRejectedError, ZoneFacts
from failover.region import Instant

if TYPE_CHECKING:
    from mypy_boto3_route53.client import Route53Client
    from mypy_boto3_route53.type_defs import ChangeTypeDef, ListResourceRecordSetsResponseTypeDef
    from mypy_boto3_sts.client import STSClient

CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 2.0

ROLE_SESSION_SECONDS = 3600
"""How long assumed credentials last: the most that AWS grants a role that assumes another."""

_SESSION_NAME = "cognito-failover"

_PAGE_SIZE = "100"

_REJECTED = frozenset({"InvalidChangeBatch", "InvalidInput"})

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})

# One attempt per call: a failed one is tried again by the next round, and two wouldn't fit into this one.
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


class Route53Zone:
    """A hosted zone of this account, or of another one that a role opens.

    Parameters
    ----------
    zone_id
        The hosted zone's id.
    region
        The Region whose STS endpoint is asked for the role's credentials.
    role_arn
        The role to assume for every call; empty for a zone of this account.
    role_policy
        What the role is narrowed to, as a policy; empty for all that it allows.
    clock
        The time, in seconds since the epoch.
    call_seconds
        The longest a call that reads may take, whatever hangs.
    session
        Where clients come from.

    """

    def __init__(
        self,
        zone_id: str,
        *,
        region: str,
        role_arn: str = "",
        role_policy: str = "",
        clock: Callable[[], Instant] = time.time,
        call_seconds: float = CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS,
        session: botocore.session.Session | None = None,
    ) -> None:
        self._zone_id = zone_id.rpartition("/")[2]
        self._region = region
        self._role_arn = role_arn
        self._role_policy = role_policy
        self._clock = clock
        self._call_seconds = call_seconds
        self._session = session or botocore.session.get_session()
        self._client: Route53Client | None = None
        self._credentials: _Credentials | None = None
        self._facts: ZoneFacts | None = None

    def facts(self) -> ZoneFacts:
        """Return the zone's name, kind and name servers; see `Zone.facts`."""
        if self._facts is None:
            client = self._route53()
            answer = self._read("GetHostedZone", lambda: client.get_hosted_zone(Id=self._zone_id))
            zone = answer["HostedZone"]
            self._facts = ZoneFacts(
                name=absolute(zone["Name"]),
                private=zone.get("Config", {}).get("PrivateZone", False),
                # A private zone has no delegation set.
                name_servers=tuple(answer.get("DelegationSet", {}).get("NameServers", ())),
                accelerated_recovery=zone.get("Features", {}).get("AcceleratedRecoveryStatus", ""),
            )
        return self._facts

    def record_sets(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        """Return every record set at these names; see `Zone.record_sets`."""
        found: dict[tuple[str, str, str], RecordSet] = {}
        whole: set[str] = set()
        for name in names:
            # An account has five requests a second: a name that an earlier page held isn't asked for again.
            if name in whole:
                continue
            for page in self._pages(name):
                found |= {key_of(each): each for each in page["ResourceRecordSets"] if absolute(each["Name"]) in names}
                whole |= _listed_whole(page, names)
        return tuple(found.values())

    def submit(self, changes: Sequence[Change], *, comment: str) -> str:
        """Make all the changes or none; see `Zone.submit`."""
        batch = [{"Action": change.action.value, "ResourceRecordSet": change.record_set} for change in changes]
        # Not in a thread that could be left behind: it might make the change long after it was given up.
        with self._translated("ChangeResourceRecordSets"):
            answer = self._route53().change_resource_record_sets(
                HostedZoneId=self._zone_id,
                ChangeBatch={"Comment": comment, "Changes": cast("list[ChangeTypeDef]", batch)},
            )
        return answer["ChangeInfo"]["Id"].rpartition("/")[2]

    def in_sync(self, change_id: str) -> bool:
        """Tell whether all name servers have the change; see `Zone.in_sync`."""
        client = self._route53()
        answer = self._read("GetChange", lambda: client.get_change(Id=change_id))
        return answer["ChangeInfo"]["Status"] == "INSYNC"

    def refresh(self) -> None:
        """Renew the role's credentials once half their life is over, and learn the zone's name servers.

        Meant to be called while all is well: STS may be down when the credentials are needed.

        Raises
        ------
        LeverUnavailableError
            If they can't be renewed; those at hand stay in use until they expire.

        """
        if self._role_arn and (self._credentials is None or self._clock() >= self._credentials.renew_at):
            self._assume_role()
        self.facts()

    def _pages(self, name: str) -> "Iterator[ListResourceRecordSetsResponseTypeDef]":
        client = self._route53()
        begin: dict[str, Any] = {"StartRecordName": name}
        while True:
            page = self._read(
                "ListResourceRecordSets",
                partial(client.list_resource_record_sets, HostedZoneId=self._zone_id, MaxItems=_PAGE_SIZE, **begin),
            )
            yield page
            if not page["IsTruncated"] or absolute(page["NextRecordName"]) != name:
                return
            begin = {
                "StartRecordName": page["NextRecordName"],
                "StartRecordType": page["NextRecordType"],
                "StartRecordIdentifier": page["NextRecordIdentifier"],
            }

    def _route53(self) -> "Route53Client":
        expired = self._credentials is not None and self._clock() >= self._credentials.expires_at
        if self._role_arn and (self._credentials is None or expired):
            self._assume_role()
        if self._client is None:
            self._client = cast("Route53Client", self._create_client("route53", self._credentials))
        return self._client

    def _assume_role(self) -> None:
        asked_at = self._clock()
        # With a Region given, this is that Region's own STS endpoint; the global one lives in us-east-1.
        sts = cast("STSClient", self._create_client("sts", None))
        narrowed: dict[str, Any] = {"Policy": self._role_policy} if self._role_policy else {}
        granted = self._read(
            "AssumeRole",
            lambda: sts.assume_role(
                RoleArn=self._role_arn, RoleSessionName=_SESSION_NAME, DurationSeconds=ROLE_SESSION_SECONDS, **narrowed
            ),
        )["Credentials"]
        expires_at = granted["Expiration"].timestamp()
        self._credentials = _Credentials(
            access_key=granted["AccessKeyId"],
            secret_key=granted["SecretAccessKey"],
            token=granted["SessionToken"],
            renew_at=(asked_at + expires_at) / 2,
            expires_at=expires_at,
        )
        self._client = None

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

    def _read[T](self, operation: str, call: Callable[[], T | None]) -> T:
        """Make a call that changes nothing, bounded as a whole: the client's timeouts don't cover name resolution."""
        with self._translated(operation):
            answer = result_by(Deadline(self._call_seconds), start(call, name=operation), late=None)
        if answer is None:
            raise LeverUnavailableError(f"{operation} got no answer within {self._call_seconds:g} s.")
        return answer

    @contextmanager
    def _translated(self, operation: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            raise self._translation(operation, error) from error
        except BotoCoreError as error:
            raise LeverUnavailableError(f"{operation} got no answer: {error}.") from error

    def _translation(self, operation: str, error: ClientError) -> FailoverError:
        code = error.response["Error"]["Code"]
        said = f"{operation} answered {code}: {error.response['Error'].get('Message', '')}".rstrip(": .") + "."
        if code in _REJECTED:
            return ChangeRejectedError(said)
        if code == "NoSuchHealthCheck":
            return LeverRefusedError(
                f"{said} Route 53 doesn't take the records back while they name a health check that was deleted. "
                f"Attach one that exists, or none."
            )
        if code == "NoSuchChange":
            return UnknownChangeError(said)
        if code in _DENIED:
            service = "sts" if operation == "AssumeRole" else "route53"
            resource = {"AssumeRole": self._role_arn, "GetChange": "change/*"}.get(operation, self._zone_id)
            # A permission may come back, and an endpoint in trouble may deny what it granted: neither ends a failover.
            return LeverUnavailableError(
                f"{said} Allow {service}:{operation} on {resource} to the role this runs as, and let nothing deny it."
            )
        if code == "NoSuchHostedZone":
            return LeverRefusedError(f"{said} HOSTED_ZONE_ID is {self._zone_id}; give the id of a zone that exists.")
        return LeverUnavailableError(said)


def _listed_whole(page: "ListResourceRecordSetsResponseTypeDef", names: Sequence[str]) -> set[str]:
    """Return the names that a page brought to their end: it goes on behind them, or the zone ends with it."""
    if not page["IsTruncated"]:
        return set(names)
    return {absolute(each["Name"]) for each in page["ResourceRecordSets"]} - {absolute(page["NextRecordName"])}
