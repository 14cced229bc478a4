"""Fronts in both Regions of a replicated pool, with methods to call them."""

import http.client
import json
import os
import socket
import ssl
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.client import SandboxClient
from sandbox.environment import build_plain_environment
from sandbox.reference_setup.setup import SetupResult
from tests.support import load_scaling

ROOT = Path(__file__).parents[3]
DOMAIN = "auth.example.com"
STACK = "cognito-front"
TARGET = "AWSCognitoIdentityProviderService"


@dataclass(frozen=True, slots=True)
class FrontResponse:
    """An HTTP response. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error_code(self) -> str:
        """The error code in the body, as SDKs read it."""
        return str(json.loads(self.body).get("__type", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDeployment:
    """The deployed fronts.

    Attributes
    ----------
    sandbox, set_up
        The sandbox, and its pool and zone.
    user
        ``username`` and ``password`` of a user.
    targets
        Outputs of each Region's stack for the controller: ``TargetName`` and ``TargetZoneId``.

    """

    sandbox: SandboxClient
    set_up: SetupResult
    user: Mapping[str, str]
    targets: Mapping[str, Mapping[str, str]]

    def send(
        self,
        region: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        host: str = DOMAIN,
    ) -> FrontResponse:
        """Send a request to a Region's front, independent of DNS."""
        address = self.sandbox.network.get_target_address(region)
        return _send(self.sandbox, address, DOMAIN, method, path, {"Host": host, **(headers or {})}, body)

    def call(self, region: str, operation: str, **fields: Any) -> FrontResponse:
        """Call a Cognito operation unsigned through a Region's front."""
        return self.send(region, "POST", "/", headers=_format_target(operation), body=json.dumps(fields).encode())

    def call_cognito(self, region: str, operation: str, **fields: Any) -> FrontResponse:
        """Call a Cognito operation unsigned in a Region, without the front."""
        address = self.sandbox.network.get_api_address(region)
        host = f"cognito-idp.{region}.amazonaws.com"
        return _send(
            self.sandbox,
            address,
            host,
            "POST",
            "/",
            _format_target(operation) | {"Host": host},
            json.dumps(fields).encode(),
        )

    def read_log(self, region: str) -> list[str]:
        """Return a front's access log."""
        logs = self.sandbox.client("logs", region)
        events = logs.filter_log_events(logGroupName=f"/aws/apigateway/{STACK}")["events"]
        return [event["message"] for event in events]

    def point_dns_to(self, region: str) -> None:
        """Give a Region all the weight."""
        changes = [
            {
                "Action": "UPSERT",
                "ResourceRecordSet": {
                    "Name": DOMAIN,
                    "Type": "CNAME",
                    "SetIdentifier": target_region,
                    "Weight": 255 if target_region == region else 0,
                    "TTL": 0,  # no cache keeps an answer after a test has moved the records
                    "ResourceRecords": [{"Value": target["TargetName"]}],
                },
            }
            for target_region, target in self.targets.items()
        ]
        self.sandbox.client("route53", "us-east-1").change_resource_record_sets(
            HostedZoneId=self.set_up.zone.id, ChangeBatch={"Changes": changes}
        )


def deploy(sandbox: SandboxClient, set_up: SetupResult, regions: tuple[str, ...]) -> FrontDeployment:
    """Deploy a front in each Region with the real sam."""

    def deploy_in(region: str) -> Mapping[str, str]:
        certificate = sandbox.client("acm", region).request_certificate(DomainName=DOMAIN)["CertificateArn"]
        parameters = {
            "DomainName": DOMAIN,
            "CertificateArn": certificate,
            "UserPoolId": set_up.pool_id,
            "CreateLogRole": "true",
        }
        deploy_stack(sandbox, region, parameters)
        stack = sandbox.client("cloudformation", region).describe_stacks(StackName=STACK)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    secrets = sandbox.client("secretsmanager", sandbox.description["standby"])
    user = json.loads(secrets.get_secret_value(SecretId=set_up.test_user.secret_arn)["SecretString"])
    with ThreadPoolExecutor() as executor:
        targets = dict(zip(regions, executor.map(deploy_in, regions), strict=True))
    return FrontDeployment(sandbox=sandbox, set_up=set_up, user=user, targets=targets)


def deploy_stack(sandbox: SandboxClient, region: str, parameters: Mapping[str, str]) -> str:
    """Deploy the template or update the stack, and return sam's output.

    Raises
    ------
    AssertionError
        If sam failed.

    """
    command = [
        *(str(ROOT / ".venv-sam" / "bin" / "sam"), "deploy", "--template-file", "infra/front.yaml"),
        *("--stack-name", STACK, "--region", region, "--capabilities", "CAPABILITY_IAM"),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--resolve-s3"),
        *("--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())),
    ]
    environment = {**os.environ, **build_plain_environment(sandbox.network, region), "SAM_CLI_TELEMETRY": "0"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - sam, with arguments of our own
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def _format_target(operation: str) -> dict[str, str]:
    return {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{TARGET}.{operation}"}


@cache
def _make_tls_context(certificate: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


def _send(
    sandbox: SandboxClient, address: str, name: str, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> FrontResponse:
    context = _make_tls_context(str(sandbox.certificate))
    tcp_socket = socket.create_connection(
        (address, sandbox.description["ports"]["https"]), timeout=load_scaling.get_wait_limit()
    )
    tcp_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = http.client.HTTPConnection(name, timeout=load_scaling.get_wait_limit())
    connection.sock = context.wrap_socket(tcp_socket, server_hostname=name)
    try:
        connection.request(method, path, body=body, headers=dict(headers))
        response = connection.getresponse()
        return FrontResponse(
            response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        )
    finally:
        connection.close()
