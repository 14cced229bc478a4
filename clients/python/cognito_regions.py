"""Sign in to a replicated Cognito user pool in its active Region, and send writes to the primary.

For programs that call Cognito with boto3, and so choose the Region themselves. Copy this file. It needs boto3,
dnspython and Python 3.12.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's name for it
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient as Client

DNS_TIMEOUT_SECONDS = 1.0
"""Time that each DNS server gets, so that a silent one leaves time for the next."""

MAX_DNS_SECONDS = 3.0
"""Maximum time of a query of all servers."""

RETRY_AFTER_SECONDS = 5.0
"""Time between queries while DNS does not answer."""

MIN_QUERY_INTERVAL_SECONDS = 1.0
"""Minimum time between queries after failed sign-ins."""

MIN_SERVER_ERROR_STATUS = 500

_log = logging.getLogger(__name__)


class RegionLookup:
    """Looks up the active Region of a domain in its region TXT record, which the failover controller moves.

    An answer is cached for its TTL, and longer while DNS does not answer. A missing record, and a DNS that does not
    answer, are logged as a warning, once until there is an answer. The controller creates the record when it may act.
    Threads can share an instance: during a query the other threads use the last answer.

    Parameters
    ----------
    domain_name
        The domain that users sign in at, such as ``auth.example.com``.
    regions
        The pool's two Regions. Other answers are ignored.
    fallback
        The Region until DNS answers for the first time.
    resolver
        The DNS resolver; by default the machine's own, with a short time for each of its servers.
    clock
        A monotonic clock, in seconds.

    """

    def __init__(
        self,
        domain_name: str,
        *,
        regions: Sequence[str],
        fallback: str,
        resolver: Resolver | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._record_name = f"_region.{domain_name.rstrip('.')}."
        self._regions = regions
        self._region = fallback
        self._problems: set[str] = set()
        self._resolver = resolver or create_resolver()
        self._clock = clock
        self._expires_at = self._next_query_at = clock()
        self._query_lock = Lock()

    def get_region(self) -> str:
        """Return the Region to sign in to."""
        if self._clock() >= self._expires_at and self._query_lock.acquire(blocking=False):
            try:
                self._query_dns()
            finally:
                self._query_lock.release()
        return self._region

    def refresh(self) -> str:
        """Query DNS again after a failure, at most once a second. Return the Region to sign in to."""
        with self._query_lock:
            if self._clock() >= self._next_query_at:
                self._query_dns()
        return self._region

    def _query_dns(self) -> None:
        ttl_seconds = RETRY_AFTER_SECONDS
        try:
            answer = self._resolver.resolve(self._record_name, "TXT", lifetime=MAX_DNS_SECONDS, search=False)
            region = b"".join(answer[0].strings).decode("ascii", errors="replace")
            if answer.rrset and region in self._regions:
                self._region, ttl_seconds = region, answer.rrset.ttl
            self._problems.clear()
        except (NXDOMAIN, NoAnswer):
            self._warn_once("There is no TXT record %s to follow: sign-in stays in %s.")
        except DNSException:
            self._warn_once("DNS does not answer for the TXT record %s to follow: sign-in stays in %s.")
        self._expires_at = self._clock() + ttl_seconds
        self._next_query_at = self._clock() + MIN_QUERY_INTERVAL_SECONDS

    def _warn_once(self, problem: str) -> None:
        """Log a new problem. The last answer stays in use."""
        if problem not in self._problems:
            _log.warning(problem, self._record_name, self._region)
        self._problems.add(problem)


def create_resolver() -> Resolver:
    """Return the machine's resolver, which asks the next server when one is silent."""
    resolver = Resolver()
    resolver.timeout = DNS_TIMEOUT_SECONDS
    return resolver


class CognitoRegions:
    """The pool's clients: for sign-in in the active Region, and for writes in the primary.

    Parameters
    ----------
    region_lookup
        Looks up the Region for sign-in.
    primary_region, standby_region
        The pool's Regions. Only the primary accepts writes, also while the standby is active.
    create_client
        Creates a Region's client. Called once for each Region, in the constructor.

    """

    def __init__(
        self,
        region_lookup: RegionLookup,
        *,
        primary_region: str,
        standby_region: str,
        create_client: "Callable[[str], Client] | None" = None,
    ) -> None:
        create = create_client or create_short_timeout_client
        self._region_lookup = region_lookup
        self._primary_region = primary_region
        self._clients: Mapping[str, Client] = {region: create(region) for region in (primary_region, standby_region)}

    @property
    def write_client(self) -> "Client":
        """The primary's client: for sign-up, password reset, MFA set-up and all changes of a user."""
        return self._clients[self._primary_region]

    def get_client(self, region: str) -> "Client":
        """Return a Region's client."""
        return self._clients[region]

    def get_region(self) -> str:
        """Return the Region for a new sign-in. Make all of its calls there."""
        return self._region_lookup.get_region()

    def sign_in[T](self, attempt: "Callable[[Client], T]") -> T:
        """Run a complete sign-in in one Region. Restart it once if the active Region has changed.

        Parameters
        ----------
        attempt
            Makes all calls of the sign-in with the given client, from ``initiate_auth`` on. It may run twice, so it
            must have no other effects. It can also be a single call that a replica may refuse.

        Raises
        ------
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError
            If the last attempt fails.

        """
        region = self.get_region()
        try:
            return attempt(self.get_client(region))
        except (ClientError, ConnectionError, HTTPClientError) as error:
            retry_region = self.find_retry_region(region, error)
            if retry_region is None:
                raise
        return attempt(self.get_client(retry_region))

    def find_retry_region(self, region: str, error: Exception) -> str | None:
        """Return the Region in which to restart a failed sign-in, or None if a restart does not help.

        A refusal, such as a wrong password, is final: a retry in the other Region counts as another failed attempt.

        Parameters
        ----------
        region
            The Region of the failed sign-in.
        error
            The error of its client.

        """
        if isinstance(error, ClientError):
            if error.response["Error"]["Code"] == "OperationNotEnabledException":
                return None if region == self._primary_region else self._primary_region
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < MIN_SERVER_ERROR_STATUS:
                return None
        elif not isinstance(error, ConnectionError | HTTPClientError):
            return None
        active_region = self._region_lookup.refresh()
        return None if active_region == region else active_region


def create_short_timeout_client(region: str) -> "Client":
    """Return a client that gives up on a dead Region within 8 s. With the SDK's defaults it takes minutes."""
    config = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
    return boto3.session.Session().client("cognito-idp", region_name=region, config=config)
