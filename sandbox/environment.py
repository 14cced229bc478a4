"""Environment variables of processes on the sandbox's network, and of AWS tools that call it from outside."""

import importlib
import os
from collections.abc import Mapping
from pathlib import Path

from sandbox.addresses import HTTP_PORT, SandboxNetwork
from sandbox.emulator import ACCOUNT, SECRET_ACCESS_KEY

RUNTIME_FOLDER = Path(__file__).parent / "lambda_runtime"

_RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "urllib3", "jmespath", "dateutil", "six")
"""The packages of Lambda's Python runtimes: the SDK and its dependencies."""


def build_network_environment(network: SandboxNetwork, certificate: Path) -> dict[str, str]:
    """Return the variables that put a process on the sandbox's network and make it trust the sandbox's certificates."""
    return {
        "PYTHONPATH": str(RUNTIME_FOLDER),
        "SANDBOX_NETWORK": network.prefix,
        "SANDBOX_REGIONS": ",".join(network.regions),
        "AWS_CA_BUNDLE": str(certificate),
        "SSL_CERT_FILE": str(certificate),
        "NODE_EXTRA_CA_CERTS": str(certificate),
    }


def build_function_environment(network: SandboxNetwork, certificate: Path, runtime: Path) -> dict[str, str]:
    """Return the environment of every Lambda function: the network and the runtime's packages."""
    environment = build_network_environment(network, certificate)
    return {**environment, "PYTHONPATH": os.pathsep.join([environment["PYTHONPATH"], str(runtime)])}


def get_admin_credentials() -> dict[str, str]:
    """Return the credentials of the account's root."""
    return {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY}


def build_plain_environment(network: SandboxNetwork, region: str) -> dict[str, str]:
    """Return the variables with which an AWS tool calls one Region without the sandbox's network."""
    return {
        "AWS_ENDPOINT_URL": f"http://{network.get_api_address(region)}:{HTTP_PORT}",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        **get_admin_credentials(),
    }


def build_process_environment(
    network: SandboxNetwork, certificate: Path, *, inside: str | None, base: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment of a command on the sandbox's network, outside AWS or inside a Region.

    Parameters
    ----------
    inside
        The Region that the command runs in; None for outside AWS.
    base
        The environment to start from. Its AWS and proxy settings are removed.

    Raises
    ------
    AddressError
        If the Region is unknown.

    """
    kept = {
        name: value
        for name, value in base.items()
        if not name.startswith(("AWS_", "SANDBOX_")) and not name.lower().endswith("_proxy")
    }
    added = {**build_network_environment(network, certificate), **get_admin_credentials()}
    added["NODE_OPTIONS"] = f'--require "{RUNTIME_FOLDER / "network.cjs"}"'
    added["AWS_DEFAULT_REGION"] = added["AWS_REGION"] = inside or network.regions[0]
    if inside:
        network.get_inside_address(inside)  # raises if the Region is unknown
        added["SANDBOX_INSIDE"] = inside
    if kept.get("PYTHONPATH"):
        added["PYTHONPATH"] = os.pathsep.join([added["PYTHONPATH"], kept["PYTHONPATH"]])
    return {**kept, **added}


def link_runtime_packages(folder: Path) -> None:
    """Fill a folder with links to the packages that Lambda's Python runtime has."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _RUNTIME_PACKAGES:
        module_file = Path(importlib.import_module(name).__file__ or "")
        source = module_file.parent if module_file.name == "__init__.py" else module_file
        link = folder / source.name
        link.unlink(missing_ok=True)
        link.symlink_to(source)
