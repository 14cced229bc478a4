"""Client of a running sandbox, for other processes: boto3 clients, environments, faults."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from sandbox.addresses import SandboxNetwork
from sandbox.environment import build_process_environment

READY_FILE = "ready.json"
"""The file in a sandbox's folder that lists its addresses while it runs."""

_BUILD_FOLDER = Path(__file__).parent.parent / "build" / "sandbox"
_CONTROL_TIMEOUT_SECONDS = 5


class NotRunningError(RuntimeError):
    """No sandbox runs on the network, or it does not answer."""


class ControlError(RuntimeError):
    """The control endpoint rejected a request. The message is its reason."""


def get_state_folder(prefix: str) -> Path:
    """Return the folder of the sandbox on a network."""
    return _BUILD_FOLDER / prefix


@dataclass(frozen=True, slots=True)
class SandboxClient:
    """A running sandbox, as its ready file describes it."""

    description: Mapping[str, Any]

    @classmethod
    def connect(cls, prefix: str) -> "SandboxClient":
        """Return the sandbox that runs on a network.

        Raises
        ------
        NotRunningError
            If no sandbox runs there.

        """
        path = get_state_folder(prefix) / READY_FILE
        try:
            return cls(json.loads(path.read_text()))
        except FileNotFoundError:
            raise NotRunningError(
                f"no sandbox runs on network {prefix} ({path} is missing); "
                f"start it with: python -m sandbox serve --network {prefix}"
            ) from None

    @property
    def network(self) -> SandboxNetwork:
        """The addresses of the sandbox."""
        return SandboxNetwork(self.description["network"], tuple(self.description["regions"]))

    @property
    def certificate(self) -> Path:
        """The path of the certificate authority's certificate."""
        return Path(self.description["certificate"])

    def client(
        self,
        service: str,
        region: str,
        *,
        unsigned: bool = False,
        credentials: Mapping[str, str] | None = None,
        timeout_seconds: float = 10,
    ) -> Any:
        """Return a boto3 client that calls a Region's address and never retries.

        ``credentials`` has the names of environment variables, such as ``AWS_ACCESS_KEY_ID``. The default is the
        account's root.
        """
        keys = credentials or self.description["credentials"]
        return boto3.session.Session().client(  # type: ignore[call-overload] # the service is a variable
            service,
            region_name=region,
            endpoint_url=f"https://{self.network.get_api_address(region)}:{self.description['ports']['https']}",
            verify=str(self.certificate),
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys.get("AWS_SESSION_TOKEN"),
            config=Config(
                signature_version=UNSIGNED if unsigned else None,
                connect_timeout=timeout_seconds,
                read_timeout=timeout_seconds,
                retries={"total_max_attempts": 1, "mode": "standard"},
            ),
        )

    def build_environment(self, *, inside: str | None = None) -> dict[str, str]:
        """Return the environment of a process on the sandbox's network, as ``sandbox run`` does."""
        return build_process_environment(self.network, self.certificate, inside=inside, base=os.environ)

    def call_control(self, method: str, path: str, content: object = None) -> Any:
        """Call the control endpoint and return the decoded JSON answer.

        Raises
        ------
        ControlError
            If the control endpoint rejects the request.
        NotRunningError
            If the control endpoint does not answer.

        """
        request = Request(  # noqa: S310 - a loopback address of the sandbox
            f"{self.description['control']}{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode(),
        )
        try:
            with urlopen(request, timeout=_CONTROL_TIMEOUT_SECONDS) as response:  # noqa: S310 - as above
                return json.load(response)
        except HTTPError as error:
            raise ControlError(json.load(error)["error"]) from None
        except URLError as error:
            raise NotRunningError(f"{self.description['control']} does not answer: {error.reason}") from None

    @contextmanager
    def inject_fault(self, **fields: object) -> Iterator[None]:
        """Keep a fault active inside the ``with`` block."""
        self.call_control("PUT", "/faults/test", fields)
        try:
            yield
        finally:
            self.call_control("DELETE", "/faults/test")
