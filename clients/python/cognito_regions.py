"""Sign in to a replicated Cognito user pool in the Region that serves it, and write in the primary.

For programs that call Cognito through boto3 and so choose the Region themselves. Copy this file; it needs boto3 and
dnspython, and Python 3.12.
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
"""How long a question to DNS may take."""

RETRY_AFTER_SECONDS = 5.0
"""How soon DNS is asked again when it has not answered."""

MIN_QUERY_INTERVAL_SECONDS = 1.0
"""How soon DNS is asked again at the earliest, however many sign-ins fail."""

MIN_SERVER_ERROR_STATUS = 500

_log = logging.getLogger(__name__)


class RegionLookup:
    """Reads which Region serves a domain: the TXT record beside the name that the failover controller moves.

    An answer is kept as long as its TTL says, and longer while DNS gives none. That the record does not exist is logged
    as a warning, once until it does: the controller makes it as soon as it may act. Threads may share one: while one of
    them asks, the others go on with the last answer.

    Parameters
    ----------
    domain_name
        What users sign in through, such as ``auth.example.com``.
    regions
        The pool's two Regions; an answer that names neither counts as none.
    fallback
        The Region until DNS has answered for the first time.
    resolver
        Whom to ask; the machine's own resolver unless given.
    clock
        Seconds that only grow.

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
        self._is_missing = False
        self._resolver = resolver or Resolver()
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
        """Return the Region to sign in to, asked anew because a failure suggests that it has changed."""
        with self._query_lock:
            if self._clock() >= self._next_query_at:
                self._query_dns()
        return self._region

    def _query_dns(self) -> None:
        ttl_seconds = RETRY_AFTER_SECONDS
        try:
            answer = self._resolver.resolve(self._record_name, "TXT", lifetime=DNS_TIMEOUT_SECONDS, search=False)
            region = b"".join(answer[0].strings).decode("ascii", errors="replace")
            if answer.rrset and region in self._regions:
                self._region, ttl_seconds = region, answer.rrset.ttl
            self._is_missing = False
        except (NXDOMAIN, NoAnswer):
            if not self._is_missing:
                _log.warning(
                    "There is no TXT record %s to follow: sign-in stays in %s.", self._record_name, self._region
                )
            self._is_missing = True
        except DNSException:
            pass  # the last answer is the best there is
        self._expires_at = self._clock() + ttl_seconds
        self._next_query_at = self._clock() + MIN_QUERY_INTERVAL_SECONDS


class CognitoRegions:
    """The pool's clients: one where sign-in goes, one where writes go.

    Parameters
    ----------
    beacon
        Says where sign-in goes.
    primary_region, standby_region
        The pool's Regions. Only the primary takes writes, also while it does not serve sign-in.
    client_for
        Makes the client of a Region; called once for each, here.

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
        """The primary's client: for sign-up, password reset, MFA set-up and every change of a user."""
        return self._clients[self._primary_region]

    def get_client(self, region: str) -> "Client":
        """Return a Region's client."""
        return self._clients[region]

    def get_region(self) -> str:
        """Return the Region in which to begin a sign-in; all of its calls go there."""
        return self._region_lookup.get_region()

    def sign_in[T](self, attempt: "Callable[[Client], T]") -> T:
        """Run a whole sign-in in one Region, and once more from its beginning if that Region stopped serving.

        Parameters
        ----------
        attempt
            Makes all calls of the sign-in with the client it is given, from ``initiate_auth`` on. It may be run twice,
            so it changes nothing else. It may also be a single call that a replica may refuse.

        Raises
        ------
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError
            As Cognito refuses or fails, from the second attempt if there was one.

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
        """Return where to begin a failed sign-in anew, or None if it would fail there as well.

        A refusal, such as a wrong password, is final: asking the other Region would count as one more try.

        Parameters
        ----------
        region
            Where it failed.
        error
            What its client raised.

        """
        if isinstance(error, ClientError):
            if error.response["Error"]["Code"] == "OperationNotEnabledException":
                return None if region == self._primary_region else self._primary_region
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < MIN_SERVER_ERROR_STATUS:
                return None
        elif not isinstance(error, ConnectionError | HTTPClientError):
            return None
        serving_region = self._region_lookup.refresh()
        return None if serving_region == region else serving_region


def create_short_timeout_client(region: str) -> "Client":
    """Make a client that gives up on a dead Region within 8 s, where the SDK's own settings take minutes."""
    config = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
    return boto3.session.Session().client("cognito-idp", region_name=region, config=config)
