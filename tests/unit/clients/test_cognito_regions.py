"""The client for programs that choose the Region themselves, with DNS and Cognito as a test has them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from dns.resolver import NXDOMAIN, LifetimeTimeout, Resolver
from dns.rrset import from_text

from cognito_regions import Beacon, CognitoRegions, quick_client

TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
TTL = 60
SILENT, NO_RECORD = cast("Any", LifetimeTimeout)(), cast("Any", NXDOMAIN)()  # dnspython types neither


class World:
    """DNS and a clock that do what a test says."""

    def __init__(self) -> None:
        self.now = 0.0
        self.text = f'"{TOKYO}"'
        self.fails: Exception | None = None
        self.asked: list[tuple[Any, ...]] = []

    def resolve(self, name: str, kind: str, *, lifetime: float, search: bool) -> Any:
        self.asked.append((name, kind, lifetime, search))
        if self.fails:
            raise self.fails
        rrset = from_text(name, TTL, "IN", kind, self.text)
        return type("Answer", (), {"rrset": rrset, "__getitem__": lambda _, index: rrset[index]})()

    def moves_to(self, region: str) -> None:
        self.text = f'"{region}"'

    def beacon(self, fallback: str = TOKYO) -> Beacon:
        return Beacon(
            "auth.example.com",
            regions=(TOKYO, VIRGINIA),
            fallback=fallback,
            resolver=cast("Resolver", self),
            clock=lambda: self.now,
        )

    def regions(self) -> CognitoRegions:
        return CognitoRegions(
            self.beacon(), primary_region=TOKYO, standby_region=VIRGINIA, client_for=cast("Any", Client)
        )


class Client(SimpleNamespace):
    """A client of a Region, of which only that is told."""

    def __init__(self, region: str) -> None:
        super().__init__(region=region)


class Attempts:
    """A sign-in that fails with what it is given, one after another, and then says in which Region it was made."""

    def __init__(self, *errors: Exception, before_failing: Callable[[], None] = lambda: None) -> None:
        self._errors = list(errors)
        self._before_failing = before_failing
        self.regions: list[str] = []

    def __call__(self, client: Any) -> str:
        self.regions.append(client.region)
        if self._errors:
            self._before_failing()
            raise self._errors.pop(0)
        return str(client.region)


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # the rest says nothing
        "InitiateAuth",
    )


UNREACHABLE = (
    ConnectTimeoutError(endpoint_url="https://cognito-idp"),
    ReadTimeoutError(endpoint_url="https://cognito-idp"),
    refusal("InternalErrorException", 500),
)
NOT_ENABLED = refusal("OperationNotEnabledException")


@pytest.fixture
def world() -> World:
    return World()


def test_the_region_is_the_one_that_the_record_beside_the_name_gives(world: World) -> None:
    world.moves_to(VIRGINIA)
    assert world.beacon().region() == VIRGINIA
    assert world.asked == [("_region.auth.example.com.", "TXT", 1.0, False)]


def test_an_answer_is_kept_for_its_ttl_and_then_asked_for_again(world: World) -> None:
    beacon = world.beacon()
    beacon.region()
    world.moves_to(VIRGINIA)
    world.now = TTL - 0.1
    assert beacon.region() == TOKYO
    world.now = TTL
    assert beacon.region() == VIRGINIA


def test_a_record_in_several_strings_is_read_as_one(world: World) -> None:
    world.text = '"us-" "east-1"'
    assert world.beacon().region() == VIRGINIA


@pytest.mark.parametrize("fails", [SILENT, NO_RECORD])
def test_until_dns_has_answered_it_is_the_fallback(world: World, fails: Exception) -> None:
    world.fails = fails
    assert world.beacon(VIRGINIA).region() == VIRGINIA


def test_a_record_that_does_not_exist_is_warned_of_once_until_it_does(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    beacon = world.beacon(VIRGINIA)
    for fails in (NO_RECORD, NO_RECORD, SILENT, NO_RECORD, None, NO_RECORD):
        world.fails = fails
        world.now += TTL
        beacon.region()
    assert caplog.messages == [
        f"There is no TXT record _region.auth.example.com. to follow: sign-in stays in {region}."
        for region in (VIRGINIA, TOKYO)
    ]


def test_the_last_answer_is_kept_while_dns_fails(world: World) -> None:
    beacon = world.beacon(VIRGINIA)
    beacon.region()
    world.fails = SILENT
    world.now = 2 * TTL
    assert beacon.region() == TOKYO


def test_a_dns_that_fails_is_not_asked_for_every_sign_in(world: World) -> None:
    beacon = world.beacon()
    world.fails = SILENT
    beacon.region()
    world.now = 4.9
    beacon.region()
    assert len(world.asked) == 1
    world.now = 5.0
    beacon.region()
    assert len(world.asked) == 2


@pytest.mark.parametrize("text", ['"eu-west-1"', '""', '"\\255"'])
def test_an_answer_that_names_neither_region_counts_as_none(world: World, text: str) -> None:
    world.text = text
    assert world.beacon().region() == TOKYO


def test_while_one_asks_the_others_go_on_with_the_last_answer(world: World) -> None:
    beacon = world.beacon()
    answers = []
    resolve = world.resolve

    def resolve_while_another_wants_to_know(*args: Any, **kwargs: Any) -> Any:
        answers.append(beacon.region())
        return resolve(*args, **kwargs)

    world.moves_to(VIRGINIA)
    world.resolve = resolve_while_another_wants_to_know  # type: ignore[method-assign] # as if another thread asked
    assert beacon.region() == VIRGINIA
    assert answers == [TOKYO]


def test_after_a_failure_dns_is_asked_before_the_ttl_is_over_once_a_second_at_most(world: World) -> None:
    beacon = world.beacon()
    beacon.region()
    world.moves_to(VIRGINIA)
    world.now = 0.9
    assert beacon.look_again() == TOKYO
    world.now = 1.0
    assert beacon.look_again() == VIRGINIA


def test_writes_go_to_the_primary_while_the_standby_serves_sign_in(world: World) -> None:
    world.moves_to(VIRGINIA)
    regions = world.regions()
    assert regions.client(regions.region()) == Client(VIRGINIA)
    assert regions.writes == Client(TOKYO)


def before_the_move(world: World) -> CognitoRegions:
    """Have a client sign in to Tokyo while the beacon has just moved to Virginia."""
    regions = world.regions()
    regions.region()
    world.moves_to(VIRGINIA)
    world.now = 1.0
    return regions


@pytest.mark.parametrize("error", UNREACHABLE)
def test_a_sign_in_that_a_region_fails_begins_anew_where_the_beacon_has_moved_to(
    world: World, error: Exception
) -> None:
    attempts = Attempts(error)
    assert before_the_move(world).sign_in(attempts) == VIRGINIA
    assert attempts.regions == [TOKYO, VIRGINIA]


def test_while_the_beacon_has_not_moved_the_failure_is_the_callers_to_see(world: World) -> None:
    attempts = Attempts(UNREACHABLE[0])
    with pytest.raises(ConnectTimeoutError):
        world.regions().sign_in(attempts)
    assert attempts.regions == [TOKYO]


def test_a_sign_in_begins_anew_once_only(world: World) -> None:
    attempts = Attempts(*UNREACHABLE)
    with pytest.raises(ReadTimeoutError):
        before_the_move(world).sign_in(attempts)
    assert attempts.regions == [TOKYO, VIRGINIA]


def test_what_a_replica_does_not_do_is_done_in_the_primary(world: World) -> None:
    world.moves_to(VIRGINIA)
    attempts = Attempts(NOT_ENABLED)
    assert world.regions().sign_in(attempts) == TOKYO
    assert attempts.regions == [VIRGINIA, TOKYO]


def test_what_the_primary_itself_does_not_do_is_not_tried_again(world: World) -> None:
    attempts = Attempts(NOT_ENABLED)
    with pytest.raises(ClientError):
        world.regions().sign_in(attempts)
    assert attempts.regions == [TOKYO]


@pytest.mark.parametrize(
    "error", [refusal("NotAuthorizedException"), refusal("TooManyRequestsException", 429), KeyError("a bug")]
)
def test_a_refusal_is_final_wherever_the_beacon_has_moved_to(world: World, error: Exception) -> None:
    regions = before_the_move(world)
    attempts = Attempts(error)
    with pytest.raises(type(error)):
        regions.sign_in(attempts)
    assert attempts.regions == [TOKYO]


def test_an_error_that_is_no_answer_of_a_region_begins_nothing_anew(world: World) -> None:
    assert before_the_move(world).region_after(TOKYO, KeyError("a bug")) is None


def test_the_usual_client_gives_up_on_a_dead_region_soon() -> None:
    config: Any = quick_client(TOKYO).meta.config
    seconds = (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"]
    assert seconds <= 8
