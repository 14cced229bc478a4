"""What writing and reading the canary's marker promises, asked of the one in memory and of a replicated pool alike."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest

from failover.probe.https import Endpoint, Reply
from failover.probe.marker import ATTRIBUTE, CognitoMarkers, MarkerError, Markers
from failover.probe.marker_memory import MemoryMarkers
from failover.region import PerSide, Side
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, Clock, CloudHttps, SignedUpPool

if TYPE_CHECKING:
    from failover.probe.https import Https

LAG_SECONDS = 20
MARKER = 1_800_000_000


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A way to the marker, with tokens for it, and what surrounds it."""

    markers: Markers
    tokens: PerSide[str]
    clock: Clock
    forbid: Callable[[str], None]
    break_primary: Callable[[], None]

    def write(self, value: int) -> None:
        self.markers.write(self.tokens.primary, value)

    def read(self, side: Side) -> int | None:
        return self.markers.read(side, self.tokens[side])


def in_memory() -> Stage:
    clock = Clock()
    markers = MemoryMarkers(clock, lag_seconds=LAG_SECONDS)

    def forbid(access: str) -> None:
        setattr(markers, f"may_{access}", False)

    def break_primary() -> None:
        markers.trouble[Side.PRIMARY] = "UpdateUserAttributes in ap-northeast-1 got no answer: read-timeout."

    return Stage(
        markers=markers,
        tokens=PerSide(primary="token", standby="token"),
        clock=clock,
        forbid=forbid,
        break_primary=break_primary,
    )


def in_a_pool(pool: SignedUpPool) -> Stage:
    network = CloudHttps(pool.cloud)

    def forbid(access: str) -> None:
        lists = {"ReadAttributes": ["email", ATTRIBUTE], "WriteAttributes": ["email", ATTRIBUTE]}
        lists[f"{access.capitalize()}Attributes"] = ["email"]
        pool.primary.update_user_pool_client(
            UserPoolId=pool.id,
            ClientId=pool.client_id,
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            **lists,
        )

    def break_primary() -> None:
        network.silent = True

    return Stage(
        markers=CognitoMarkers(regions=PerSide(primary=PRIMARY, standby=STANDBY), https=cast("Https", network)),
        tokens=PerSide(primary=pool.tokens(PRIMARY)["AccessToken"], standby=pool.tokens(STANDBY)["AccessToken"]),
        clock=pool.cloud.clock,
        forbid=forbid,
        break_primary=break_primary,
    )


@pytest.fixture(params=["memory", "pool"])
def stage(request: pytest.FixtureRequest) -> Stage:
    return in_memory() if request.param == "memory" else in_a_pool(request.getfixturevalue("replicated"))


@pytest.mark.parametrize("side", Side)
def test_there_is_none_before_one_was_written(stage: Stage, side: Side) -> None:
    assert stage.read(side) is None


def test_the_primary_shows_it_at_once_and_the_replica_once_it_has_arrived(stage: Stage) -> None:
    stage.write(MARKER)
    assert (stage.read(Side.PRIMARY), stage.read(Side.STANDBY)) == (MARKER, None)
    stage.clock.pass_seconds(LAG_SECONDS - 1)
    assert stage.read(Side.STANDBY) is None
    stage.clock.pass_seconds(1)
    assert stage.read(Side.STANDBY) == MARKER


def test_the_latest_one_counts(stage: Stage) -> None:
    stage.write(MARKER)
    stage.write(MARKER + 60)
    stage.clock.pass_seconds(LAG_SECONDS)
    assert stage.read(Side.PRIMARY) == stage.read(Side.STANDBY) == MARKER + 60


def test_a_client_that_may_not_write_it_is_told_the_way_out(stage: Stage) -> None:
    stage.forbid("write")
    with pytest.raises(MarkerError, match=f"unauthorized attribute.*may|unauthorized attribute.*{ATTRIBUTE}"):
        stage.write(MARKER)
    assert stage.read(Side.PRIMARY) is None


def test_a_client_that_may_not_read_it_is_shown_none(stage: Stage) -> None:
    stage.forbid("read")
    stage.write(MARKER)
    assert stage.read(Side.PRIMARY) is None


def test_no_answer_is_an_error(stage: Stage) -> None:
    stage.break_primary()
    with pytest.raises(MarkerError, match=r"in ap-northeast-1 got no answer: read-timeout\."):
        stage.write(MARKER)


def test_on_the_replica_it_is_not_written(replicated: SignedUpPool) -> None:
    swapped = CognitoMarkers(
        regions=PerSide(primary=STANDBY, standby=PRIMARY), https=cast("Https", CloudHttps(replicated.cloud))
    )
    with pytest.raises(MarkerError, match="UpdateUserAttributes in us-east-1 was answered OperationNotEnabled"):
        swapped.write(replicated.tokens(STANDBY)["AccessToken"], MARKER)


def test_no_token_is_in_an_error(replicated: SignedUpPool) -> None:
    class Chatty:
        def post(self, _endpoint: Endpoint, *, headers: Mapping[str, str], body: bytes) -> Reply:  # noqa: ARG002 - asks nobody
            said = {"__type": "NotAuthorizedException", "message": f"No: {json.loads(body)['AccessToken']}"}
            return Reply(status=400, headers={}, body=json.dumps(said).encode())

    markers = CognitoMarkers(regions=PerSide(primary=PRIMARY, standby=STANDBY), https=cast("Https", Chatty()))
    token = replicated.tokens(PRIMARY)["AccessToken"]
    with pytest.raises(MarkerError) as refused:
        markers.read(Side.PRIMARY, token)
    assert str(refused.value) == f"GetUser in {PRIMARY} was answered NotAuthorizedException: No: ***."


@pytest.mark.parametrize("attributes", [None, [], [None], [{"Name": ATTRIBUTE}], [{"Name": ATTRIBUTE, "Value": "x"}]])
def test_an_answer_without_a_number_shows_none(attributes: object) -> None:
    class Odd:
        def post(self, _endpoint: Endpoint, *, headers: Mapping[str, str], body: bytes) -> Reply:  # noqa: ARG002 - asks nobody
            return Reply(status=200, headers={}, body=json.dumps({"UserAttributes": attributes}).encode())

    markers = CognitoMarkers(regions=PerSide(primary=PRIMARY, standby=STANDBY), https=cast("Https", Odd()))
    assert markers.read(Side.STANDBY, "token") is None
