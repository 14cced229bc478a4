"""The sandbox's network for a Python process: a patch of its sockets at start.

Python imports a module of this name at start if its folder is in ``PYTHONPATH``. Then the sandbox's resolver resolves
AWS host names, and connections to AWS ports go to the sandbox's unprivileged ports. A process inside a Region calls
from that Region's address and reaches only the sandbox. Code needs no endpoint settings. This module uses only the
standard library, because a Lambda function may have nothing else.

``SANDBOX_NETWORK``
    The first two numbers of the sandbox's addresses. Without it this module does nothing.
``SANDBOX_REGIONS``
    The Regions in the order of their numbers, separated by commas.
``SANDBOX_INSIDE``
    The Region that the process runs in. If unset: ``AWS_REGION`` for a Lambda function, outside AWS otherwise.
"""

# ruff: noqa: INP001 - Python finds this module only in a folder that is no package

import errno
import ipaddress
import os
import secrets
import socket
import struct
from typing import Any

_PORTS = {443: 8443, 80: 8080, 53: 5353}
_DNS_SECONDS = 2.0
_DNS_ATTEMPTS = 2
_TYPE_A, _CLASS_IN = 1, 1
_NXDOMAIN = 3
_POINTER = 0xC0

_real_socket = socket.socket
_real_getaddrinfo = socket.getaddrinfo


class _ProcessNetwork:
    """The network as this process sees it."""

    def __init__(self, prefix: str, source: str | None) -> None:
        self.prefix = prefix
        self.source = source
        self.resolver = f"{prefix}.0.53"

    def route(self, address: Any) -> Any:
        """Return the sandbox's address for an address that the process connects to.

        Raises
        ------
        OSError
            If a process inside a Region connects to an address outside the sandbox.

        """
        if not isinstance(address, tuple) or len(address) < 2:  # noqa: PLR2004 - a host and a port
            return address
        host, port = address[0], address[1]
        if self.contains(host):
            return (host, _PORTS.get(port, port), *address[2:])
        if port == 53:  # noqa: PLR2004 - DNS: any configured resolver becomes the sandbox's
            return (self.resolver, _PORTS[port])
        if self.source is not None:
            raise OSError(
                errno.ENETUNREACH, f"{host} is not in the sandbox; code inside a Region reaches only the sandbox"
            )
        return address

    def contains(self, host: object) -> bool:
        return isinstance(host, str) and host.startswith(f"{self.prefix}.")

    def resolve(self, name: str) -> list[str]:
        """Return the IPv4 addresses of a name from the sandbox's resolver.

        Raises
        ------
        socket.gaierror
            If the name does not exist, or the resolver does not answer.

        """
        query_id = secrets.token_bytes(2)
        question = _encode_name(name) + struct.pack("!HH", _TYPE_A, _CLASS_IN)
        query = query_id + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0) + question
        with _real_socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            if self.source is not None:
                client.bind((self.source, 0))
            client.settimeout(_DNS_SECONDS)
            client.connect((self.resolver, _PORTS[53]))
            for _ in range(_DNS_ATTEMPTS):
                try:
                    client.send(query)
                    answer = client.recv(4096)
                except OSError:
                    continue
                if answer[:2] == query_id:
                    return _parse_addresses(answer, name)
        raise socket.gaierror(socket.EAI_AGAIN, f"no answer from the sandbox's resolver about {name}")


class _SandboxSocket(_real_socket):
    """A socket whose connections and datagrams go to the sandbox's addresses."""

    def connect(self, address: Any) -> None:
        super().connect(self._route_outgoing(address))

    def connect_ex(self, address: Any) -> int:
        try:
            return super().connect_ex(self._route_outgoing(address))
        except OSError as error:
            return error.errno or errno.ENETUNREACH

    def sendto(self, data: Any, *args: Any) -> int:
        flags, address = args if len(args) > 1 else (0, *args)
        return super().sendto(data, flags, self._route_outgoing(address))

    def recvfrom(self, *args: Any) -> tuple[bytes, Any]:
        data, address = super().recvfrom(*args)
        return data, self._get_requested_addresses().get(address, address)

    def recvfrom_into(self, *args: Any, **kwargs: Any) -> tuple[int, Any]:
        count, address = super().recvfrom_into(*args, **kwargs)
        return count, self._get_requested_addresses().get(address, address)

    def _route_outgoing(self, address: Any) -> Any:
        if self.family != socket.AF_INET:
            return address
        routed = network.route(address)
        self._get_requested_addresses()[routed] = address  # answers must show the address that the caller used
        if network.source is not None and self.getsockname()[1] == 0:
            self.bind((network.source, 0))
        return routed

    def _get_requested_addresses(self) -> dict[Any, Any]:
        requested: dict[Any, Any] = self.__dict__.setdefault("_requested_addresses", {})
        return requested


def _getaddrinfo(host: Any, port: Any, *hints: int, **named: int) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name == "localhost" or _is_address(name):
        return _real_getaddrinfo(host, port, *hints, **named)
    family = hints[0] if hints else named.get("family", socket.AF_UNSPEC)
    if family not in (socket.AF_UNSPEC, socket.AF_INET):
        raise socket.gaierror(socket.EAI_NONAME, f"{name} has IPv4 addresses only")
    return [entry for address in network.resolve(name) for entry in _real_getaddrinfo(address, port, *hints, **named)]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _gethostbyname(name: str) -> str:
    address: str = _getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]
    return address


def _encode_name(name: str) -> bytes:
    labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _parse_addresses(answer: bytes, name: str) -> list[str]:
    """Read the A records of a DNS answer (RFC 1035, section 4)."""
    code = answer[3] & 0x0F
    if code not in (0, _NXDOMAIN):
        raise socket.gaierror(socket.EAI_AGAIN, f"the sandbox's resolver failed on {name} (response code {code})")
    questions, answers = struct.unpack("!HH", answer[4:8])
    position = 12
    for _ in range(questions):
        position = _skip_name(answer, position) + 4
    addresses = []
    for _ in range(answers):
        position = _skip_name(answer, position)
        kind, _, _, length = struct.unpack("!HHIH", answer[position : position + 10])
        position += 10
        if kind == _TYPE_A:
            addresses.append(socket.inet_ntoa(answer[position : position + length]))
        position += length
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, f"{name} is unknown in the sandbox")
    return addresses


def _skip_name(answer: bytes, position: int) -> int:
    while answer[position]:
        if answer[position] >= _POINTER:
            return position + 2
        position += answer[position] + 1
    return position + 1


def _find_source_address(prefix: str) -> str | None:
    is_lambda = "AWS_LAMBDA_FUNCTION_NAME" in os.environ
    inside = os.environ.get("SANDBOX_INSIDE") or (os.environ.get("AWS_REGION") if is_lambda else None)
    if not inside:
        return None
    return f"{prefix}.{os.environ['SANDBOX_REGIONS'].split(',').index(inside) + 1}.2"


if "SANDBOX_NETWORK" in os.environ:
    network = _ProcessNetwork(os.environ["SANDBOX_NETWORK"], _find_source_address(os.environ["SANDBOX_NETWORK"]))
    socket.socket = _SandboxSocket  # type: ignore[misc] # the purpose of this module
    socket.getaddrinfo = _getaddrinfo
    socket.gethostbyname = _gethostbyname
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        # Remove the endpoint that the engine sets. A function can still set its own later.
        os.environ.pop("AWS_ENDPOINT_URL", None)
