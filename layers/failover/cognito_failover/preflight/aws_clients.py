"""AWS clients for the readers, with short timeouts. Only Route 53 is asked again: its limit is per account."""

import threading
from typing import Any, cast

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config

_CONNECT_TIMEOUT_SECONDS = 3.0
_READ_TIMEOUT_SECONDS = 8.0

_ATTEMPTS = {"route53": 4}
"""Route 53 takes five requests a second from a whole account (AWS documentation, quotas). Other services: 1."""


class AwsClientCache:
    """Creates the client of a service in a Region on first use. Thread-safe."""

    def __init__(self) -> None:
        self._session = botocore.session.get_session()
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._lock = threading.Lock()

    def get_client(self, service: str, region: str) -> Any:
        """Return the client of a service in a Region."""
        return self._get_client(service, region, unsigned=False)

    def get_unsigned_cognito(self, region: str) -> Any:
        """Return the client of Cognito in a Region that does not sign requests."""
        return self._get_client("cognito-idp", region, unsigned=True)

    def _get_client(self, service: str, region: str, *, unsigned: bool) -> Any:
        key = (service, region, unsigned)
        with self._lock:  # a session is not thread-safe
            if key not in self._clients:
                self._clients[key] = self._session.create_client(
                    cast("Any", service),
                    region_name=region,
                    config=Config(
                        connect_timeout=_CONNECT_TIMEOUT_SECONDS,
                        read_timeout=_READ_TIMEOUT_SECONDS,
                        retries={"total_max_attempts": _ATTEMPTS.get(service, 1), "mode": "standard"},
                        signature_version=UNSIGNED if unsigned else None,
                    ),
                )
            return self._clients[key]
