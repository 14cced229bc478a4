"""Cognito in the test's process: boto3 clients that call interceptor and engine without a socket."""

import asyncio
import io
import itertools
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from cognito_failover.core.probe_result import FailureKind
from cognito_failover.probe.https_client import HttpResponse, HttpsEndpoint, NoResponseError
from sandbox.cognito import Cognito
from sandbox.http_messages import EndpointRequest, EndpointResponse, Interceptor
from sandbox.route53 import Route53

PRIMARY = "ap-northeast-1"
STANDBY = "us-east-1"

_session: Any = boto3.Session()  # shared: it caches the service models, which take long to load
_account_numbers = itertools.count(100000000000)


class CloudClock:
    """A clock that the test advances, in seconds."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class _UnparsedBody(io.BytesIO):
    """A response's body with the methods that botocore calls."""

    def stream(self) -> Iterator[bytes]:
        while chunk := self.read(65536):
            yield chunk


class InProcessCloud:
    """A separate account on the engine, with Cognito's replication in front and the sandbox's Route 53.

    Attributes
    ----------
    addressed_names, health_checks
        The names with an A record, and Route 53's health checks: whether each is healthy.
    interceptors
        Interceptors in front of the engine, by service.
    calls
        The recorded calls: operation, Region, and the resource.
    on_call
        Called with ``asked`` before and ``answered`` after each call; raises to break the connection there.

    """

    def __init__(self, runner: asyncio.Runner, app: Any) -> None:
        self.clock = CloudClock()
        self.are_linked = True
        self.addressed_names = {"example.com"}
        self.health_checks = {"check": True}
        self.account = str(next(_account_numbers))
        self.cognito = Cognito(
            clock=self.clock,
            creating_seconds=120,
            deleting_seconds=60,
            lag_seconds=20,
            is_connected=lambda _primary, _standby: self.are_linked,
            has_health_check=lambda _account, check_id: check_id in self.health_checks,
            has_address=lambda name: name in self.addressed_names,
        )
        self.route53 = Route53(clock=self.clock)
        self.calls: list[str] = []
        self.on_call: Callable[[str, str], None] = lambda _moment, _call: None
        self._runner = runner
        self._app = app
        self.interceptors: dict[str, Interceptor] = {}
        self._clients: dict[tuple[str, str, bool], Any] = {}

    def client(self, service: str, region: str, *, signed: bool = True) -> Any:
        if (service, region, signed) not in self._clients:
            config = Config(retries={"total_max_attempts": 1}, signature_version=None if signed else UNSIGNED)
            client = _session.client(
                service,
                region_name=region,
                config=config,
                aws_access_key_id=self.account,
                aws_secret_access_key="secret",
            )
            client.meta.events.register("before-send", self._handle_boto_request)
            self._clients[service, region, signed] = client
        return self._clients[service, region, signed]

    def run_until(self, until: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Apply pending status changes and deliveries."""
        self._runner.run(until())

    def fetch(self, host: str, path: str) -> EndpointResponse:
        service, region = host.split(".")[:2]
        return self.handle(
            EndpointRequest(
                region=region,
                caller_region=None,
                account="000000000000",
                service=service,
                operation="",
                method="GET",
                path=path,
                query="",
                headers={"host": host},
                body=b"",
                signed=False,
            ),
        )

    def handle(self, request: EndpointRequest) -> EndpointResponse:
        match request.service:
            case "login":
                domain = self.cognito.domains.find_by_name(request.headers["host"])
                assert domain is not None
                return self._runner.run(self.cognito.serve_managed_login(request, domain))
            case "cognito-idp" | "issuer-cognito-idp":
                return self._runner.run(self.cognito.intercept(request, self._call_engine))
            case "route53":
                return self._runner.run(self.route53.handle(request))
            case service if service in self.interceptors:
                return self._runner.run(self._handle_intercepted(request))
            case _:
                return self._runner.run(self._call_engine(request))

    def _handle_boto_request(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        url = urlsplit(request.url)
        host = url.hostname or ""
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        service, region = host.split(".")[0], host.split(".")[1]
        if service == "route53":
            region = STANDBY
        signed = "authorization" in headers
        body = request.body or b""
        endpoint_request = EndpointRequest(
            region=region,
            caller_region=None,
            account=self.account if signed else "000000000000",
            service=service,
            operation=headers.get("x-amz-target", "").rpartition(".")[2],
            method=request.method,
            path=unquote(url.path) or "/",
            query=url.query,
            headers=headers,
            body=body if isinstance(body, bytes) else body.encode(),
            signed=signed,
        )
        call = f"{event_name.rpartition('.')[2]} {region} {_describe_subject(endpoint_request.body)}".rstrip()
        self.calls.append(call)
        self.on_call("asked", call)
        response = self.handle(endpoint_request)
        self.on_call("answered", call)
        if service == "cognito-idp":
            _assert_modelled_error(endpoint_request.operation, response)
        answered: Any = response.headers  # a private type of botocore
        return AWSResponse(request.url, response.status, answered, _UnparsedBody(response.body))

    async def _handle_intercepted(self, request: EndpointRequest) -> EndpointResponse:
        return await self.interceptors[request.service](request, self._call_engine)

    async def _call_engine(self, request: EndpointRequest) -> EndpointResponse:
        sent: list[dict[str, Any]] = []
        received = iter([{"type": "http.request", "body": request.body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            return next(received, {"type": "http.disconnect"})

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": request.path,
            "raw_path": request.path.encode(),
            "query_string": request.query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in request.headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await self._app(scope, receive, send)
        start = sent[0]
        return EndpointResponse(
            status=start["status"],
            headers={name.decode(): value.decode() for name, value in start["headers"]},
            body=b"".join(message.get("body", b"") for message in sent[1:]),
        )


class CloudHttps:
    """A network without sockets: posts reach the sandbox's Cognito, or nothing."""

    def __init__(self, cloud: InProcessCloud) -> None:
        self._cloud = cloud
        self.is_silent = False

    def post(self, endpoint: HttpsEndpoint, *, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        if self.is_silent:
            raise NoResponseError(FailureKind.READ_TIMEOUT, endpoint.host)
        service, region = endpoint.host.split(".")[:2]
        named = {name.lower(): value for name, value in headers.items()} | {"host": endpoint.host}
        response = self._cloud.handle(
            EndpointRequest(
                region=region,
                caller_region=None,
                account="000000000000",
                service=service,
                operation=headers["X-Amz-Target"].rpartition(".")[2],
                method="POST",
                path="/",
                query="",
                headers=named,
                body=body,
                signed=False,
            )
        )
        return HttpResponse(status=response.status, headers=response.headers, body=response.body)


def _describe_subject(body: bytes) -> str:
    """Return the part of a call that identifies its resource, without random parts."""
    try:
        document = json.loads(body)
    except ValueError:
        return ""
    names = ("Username", "Name", "SecretId")
    return next((str(document[name]) for name in names if name in document), "")


_model = botocore.session.get_session().get_service_model("cognito-idp")


def _assert_modelled_error(operation: str, response: EndpointResponse) -> None:
    """Assert that boto3's model lists the error for the operation."""
    code = {name.lower(): value for name, value in response.headers.items()}.get("x-amzn-errortype")
    if response.status >= 400:
        assert code in {shape.name for shape in _model.operation_model(operation).error_shapes}, response.body


def expect_error(call: Callable[[], object]) -> tuple[str, str, int]:
    """Return the error of a call: code, message and HTTP status."""
    try:
        call()
    except ClientError as refusal:
        error = refusal.response
        return (
            error["Error"]["Code"],
            error["Error"]["Message"],
            error["ResponseMetadata"]["HTTPStatusCode"],
        )
    raise AssertionError("The call was not refused.")


class SignedUpPool:
    """A pool with a user and an app client, with the boto3 clients of its two Regions."""

    PASSWORD = "TestPass123!"

    def __init__(self, cloud: InProcessCloud, pool_id: str, client_id: str) -> None:
        self.cloud = cloud
        self.id = pool_id
        self.client_id = client_id
        self.primary = cloud.client("cognito-idp", PRIMARY)
        self.standby = cloud.client("cognito-idp", STANDBY)

    def sign_in(self, region: str, password: str = PASSWORD, username: str = "testuser01") -> Any:
        return self.cloud.client("cognito-idp", region, signed=False).initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client_id,
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    def request_tokens(self, region: str) -> dict[str, str]:
        tokens: dict[str, str] = self.sign_in(region)["AuthenticationResult"]
        return tokens

    def read_replica_status(self, region: str = PRIMARY) -> str | None:
        replicas = self.cloud.client("cognito-idp", region).list_user_pool_replicas(UserPoolId=self.id)
        return next((r["Status"] for r in replicas["UserPoolReplicas"] if r["Role"] == "SECONDARY"), None)


def create_multi_region_key(cloud: InProcessCloud, *, regions: tuple[str, ...] = (PRIMARY, STANDBY)) -> str:
    """Create the reference setup's key and its replica. Set the policy only in ``policy_regions``."""
    kms = cloud.client("kms", PRIMARY)
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]
    kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion=STANDBY)
    for region in regions:
        allow_cognito(cloud, region, key["KeyId"])
    return str(key["Arn"])


def allow_cognito(cloud: InProcessCloud, region: str, key_id: str) -> None:
    """Add the reference setup's statement to a key's policy."""
    kms = cloud.client("kms", region)
    policy = json.loads(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])
    policy["Statement"].append(
        {
            "Effect": "Allow",
            "Principal": {"Service": ["cognito-idp.amazonaws.com", "identitystore.amazonaws.com"]},
            "Action": [
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:DescribeKey",
                "kms:CreateGrant",
            ],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": cloud.account}},
        },
    )
    kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(policy))


def build_key_configuration(arn: str) -> dict[str, str]:
    """Return a KeyConfiguration with a customer managed key."""
    return {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": arn}


def create_replicable_pool(cloud: InProcessCloud) -> SignedUpPool:
    """Create the reference setup's pool, client and user, ready for a replica."""
    cognito = cloud.client("cognito-idp", PRIMARY)
    key = build_key_configuration(create_multi_region_key(cloud))
    created = cognito.create_user_pool(PoolName="article", UserPoolTier="ESSENTIALS", KeyConfiguration=key)
    pool_id = created["UserPool"]["Id"]
    cognito.update_user_pool(UserPoolId=pool_id, IssuerConfiguration={"Type": "UPDATED"}, KeyConfiguration=key)
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="test-client",
        ExplicitAuthFlows=[
            "ALLOW_USER_PASSWORD_AUTH",
            "ALLOW_ADMIN_USER_PASSWORD_AUTH",
            "ALLOW_REFRESH_TOKEN_AUTH",
            "ALLOW_USER_SRP_AUTH",
        ],
    )
    pool = SignedUpPool(cloud, pool_id, client["UserPoolClient"]["ClientId"])
    add_user(pool, "testuser01")
    return pool


def add_user(pool: SignedUpPool, username: str) -> None:
    """Create a user with a permanent password on the primary."""
    pool.primary.admin_create_user(
        UserPoolId=pool.id, Username=username, TemporaryPassword="TempPass1!", MessageAction="SUPPRESS"
    )
    pool.primary.admin_set_user_password(
        UserPoolId=pool.id, Username=username, Password=SignedUpPool.PASSWORD, Permanent=True
    )


def create_active_replica(pool: SignedUpPool) -> SignedUpPool:
    """Create the pool's replica, activate it, and wait until all changes are replicated."""
    pool.primary.create_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY)
    pool.cloud.clock.advance(120)
    pool.primary.update_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY, Status="ACTIVE")
    pool.cloud.clock.advance(20)
    return pool
