"""Contract tests of the lag marker store, in memory and with a replicated pool."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.probe.https_client import HttpResponse, HttpsEndpoint
from cognito_failover.probe.lag_marker import MARKER_ATTRIBUTE, CognitoLagMarkerStore, LagMarkerError, LagMarkerStore
from cognito_failover_testing.memory_lag_marker import MemoryLagMarkerStore
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, CloudClock, CloudHttps, SignedUpPool

if TYPE_CHECKING:
    from cognito_failover.probe.https_client import HttpsClient

LAG_SECONDS = 20
MARKER = 1_800_000_000


@dataclass(frozen=True, kw_only=True)
class MarkerHarness:
    """A lag marker store with tokens and controls."""

    markers: LagMarkerStore
    tokens: PerRole[str]
    clock: CloudClock
    forbid: Callable[[str], None]
    break_primary: Callable[[], None]

    def write(self, value: int) -> None:
        self.markers.write(self.tokens.primary, value)

    def read(self, role: RegionRole) -> int | None:
        return self.markers.read(role, self.tokens[role])


def build_memory_harness() -> MarkerHarness:
    clock = CloudClock()
    markers = MemoryLagMarkerStore(clock, lag_seconds=LAG_SECONDS)

    def forbid(access: str) -> None:
        setattr(markers, f"can_{access}", False)

    def break_primary() -> None:
        markers.failure_messages[RegionRole.PRIMARY] = (
            "UpdateUserAttributes in ap-northeast-1 got no response: read-timeout."
        )

    return MarkerHarness(
        markers=markers,
        tokens=PerRole(primary="token", standby="token"),
        clock=clock,
        forbid=forbid,
        break_primary=break_primary,
    )


def build_pool_harness(pool: SignedUpPool) -> MarkerHarness:
    network = CloudHttps(pool.cloud)

    def forbid(access: str) -> None:
        lists = {"ReadAttributes": ["email", MARKER_ATTRIBUTE], "WriteAttributes": ["email", MARKER_ATTRIBUTE]}
        lists[f"{access.capitalize()}Attributes"] = ["email"]
        pool.primary.update_user_pool_client(
            UserPoolId=pool.id,
            ClientId=pool.client_id,
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            **lists,
        )

    def break_primary() -> None:
        network.is_silent = True

    return MarkerHarness(
        markers=CognitoLagMarkerStore(
            regions=PerRole(primary=PRIMARY, standby=STANDBY), https=cast("HttpsClient", network)
        ),
        tokens=PerRole(
            primary=pool.request_tokens(PRIMARY)["AccessToken"], standby=pool.request_tokens(STANDBY)["AccessToken"]
        ),
        clock=pool.cloud.clock,
        forbid=forbid,
        break_primary=break_primary,
    )


@pytest.fixture(params=["memory", "pool"])
def stage(request: pytest.FixtureRequest) -> MarkerHarness:
    return (
        build_memory_harness()
        if request.param == "memory"
        else build_pool_harness(request.getfixturevalue("replicated"))
    )


@pytest.mark.parametrize("role", RegionRole)
def test_marker_unwritten_reads_none(stage: MarkerHarness, role: RegionRole) -> None:
    assert stage.read(role) is None


def test_marker_is_visible_on_primary_at_once_and_on_replica_after_lag(stage: MarkerHarness) -> None:
    stage.write(MARKER)
    assert (stage.read(RegionRole.PRIMARY), stage.read(RegionRole.STANDBY)) == (MARKER, None)
    stage.clock.advance(LAG_SECONDS - 1)
    assert stage.read(RegionRole.STANDBY) is None
    stage.clock.advance(1)
    assert stage.read(RegionRole.STANDBY) == MARKER


def test_latest_marker_wins(stage: MarkerHarness) -> None:
    stage.write(MARKER)
    stage.write(MARKER + 60)
    stage.clock.advance(LAG_SECONDS)
    assert stage.read(RegionRole.PRIMARY) == stage.read(RegionRole.STANDBY) == MARKER + 60


def test_write_without_permission_error_names_attribute(stage: MarkerHarness) -> None:
    stage.forbid("write")
    with pytest.raises(LagMarkerError, match=f"unauthorized attribute.*may|unauthorized attribute.*{MARKER_ATTRIBUTE}"):
        stage.write(MARKER)
    assert stage.read(RegionRole.PRIMARY) is None


def test_read_without_permission_returns_none(stage: MarkerHarness) -> None:
    stage.forbid("read")
    stage.write(MARKER)
    assert stage.read(RegionRole.PRIMARY) is None


def test_write_without_response_raises_marker_error(stage: MarkerHarness) -> None:
    stage.break_primary()
    with pytest.raises(LagMarkerError, match=r"in ap-northeast-1 got no response: read-timeout\."):
        stage.write(MARKER)


def test_write_to_replica_raises_marker_error(replicated: SignedUpPool) -> None:
    swapped = CognitoLagMarkerStore(
        regions=PerRole(primary=STANDBY, standby=PRIMARY), https=cast("HttpsClient", CloudHttps(replicated.cloud))
    )
    with pytest.raises(LagMarkerError, match="UpdateUserAttributes in us-east-1 returned OperationNotEnabled"):
        swapped.write(replicated.request_tokens(STANDBY)["AccessToken"], MARKER)


def test_marker_error_does_not_contain_token(replicated: SignedUpPool) -> None:
    class EchoingHttps:
        def post(self, _endpoint: HttpsEndpoint, *, headers: Mapping[str, str], body: bytes) -> HttpResponse:  # noqa: ARG002 - a fixed answer
            error_body = {"__type": "NotAuthorizedException", "message": f"No: {json.loads(body)['AccessToken']}"}
            return HttpResponse(status=400, headers={}, body=json.dumps(error_body).encode())

    markers = CognitoLagMarkerStore(
        regions=PerRole(primary=PRIMARY, standby=STANDBY), https=cast("HttpsClient", EchoingHttps())
    )
    token = replicated.request_tokens(PRIMARY)["AccessToken"]
    with pytest.raises(LagMarkerError) as error:
        markers.read(RegionRole.PRIMARY, token)
    assert str(error.value) == f"GetUser in {PRIMARY} returned NotAuthorizedException: No: ***."


@pytest.mark.parametrize(
    "attributes", [None, [], [None], [{"Name": MARKER_ATTRIBUTE}], [{"Name": MARKER_ATTRIBUTE, "Value": "x"}]]
)
def test_marker_without_number_reads_none(attributes: object) -> None:
    class MalformedHttps:
        def post(self, _endpoint: HttpsEndpoint, *, headers: Mapping[str, str], body: bytes) -> HttpResponse:  # noqa: ARG002 - a fixed answer
            return HttpResponse(status=200, headers={}, body=json.dumps({"UserAttributes": attributes}).encode())

    markers = CognitoLagMarkerStore(
        regions=PerRole(primary=PRIMARY, standby=STANDBY), https=cast("HttpsClient", MalformedHttps())
    )
    assert markers.read(RegionRole.STANDBY, "token") is None
