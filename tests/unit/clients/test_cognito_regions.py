"""The Python client for programs that choose the Region themselves, with fake DNS and Cognito."""

import socket
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from dns.message import from_wire, make_response
from dns.resolver import NXDOMAIN, LifetimeTimeout, Resolver
from dns.rrset import from_text

from cognito_regions import MAX_DNS_SECONDS, CognitoRegions, RegionLookup, create_resolver, create_short_timeout_client

TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
TTL = 60
NO_ANSWER, NO_RECORD = cast("Any", LifetimeTimeout)(), cast("Any", NXDOMAIN)()  # dnspython has no types for them


class FakeDns:
    """A scripted DNS and clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.record_text = f'"{TOKYO}"'
        self.error: Exception | None = None
        self.queries: list[tuple[Any, ...]] = []

    def resolve(self, name: str, kind: str, *, lifetime: float, search: bool) -> Any:
        self.queries.append((name, kind, lifetime, search))
        if self.error:
            raise self.error
        rrset = from_text(name, TTL, "IN", kind, self.record_text)
        return type("Answer", (), {"rrset": rrset, "__getitem__": lambda _, index: rrset[index]})()

    def set_region(self, region: str) -> None:
        self.record_text = f'"{region}"'

    def make_region_lookup(self, fallback: str = TOKYO) -> RegionLookup:
        return RegionLookup(
            "auth.example.com",
            regions=(TOKYO, VIRGINIA),
            fallback=fallback,
            resolver=cast("Resolver", self),
            clock=lambda: self.now,
        )

    def make_cognito_regions(self) -> CognitoRegions:
        return CognitoRegions(
            self.make_region_lookup(),
            primary_region=TOKYO,
            standby_region=VIRGINIA,
            create_client=cast("Any", RegionClient),
        )


class RegionClient(SimpleNamespace):
    """A fake client that knows only its Region."""

    def __init__(self, region: str) -> None:
        super().__init__(region=region)


class FailingSignIn:
    """A sign-in that fails with the given errors in turn, then returns its Region."""

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


@pytest.fixture
def dns_servers() -> Iterator[tuple[int, int]]:
    """Return the ports of a DNS server that is silent, and of one that answers with Virginia."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as answering,
    ):
        silent.bind(("127.0.0.1", 0))
        answering.bind(("127.0.0.2", 0))

        def serve() -> None:
            wire, client = answering.recvfrom(4096)
            answer = make_response(from_wire(wire))
            answer.answer.append(from_text(answer.question[0].name, TTL, "IN", "TXT", f'"{VIRGINIA}"'))
            answering.sendto(answer.to_wire(), client)

        threading.Thread(target=serve, daemon=True).start()
        yield silent.getsockname()[1], answering.getsockname()[1]


def make_client_error(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # the rest is not read
        "InitiateAuth",
    )


UNREACHABLE = (
    ConnectTimeoutError(endpoint_url="https://cognito-idp"),
    ReadTimeoutError(endpoint_url="https://cognito-idp"),
    make_client_error("InternalErrorException", 500),
)
NOT_ENABLED = make_client_error("OperationNotEnabledException")


@pytest.fixture
def dns() -> FakeDns:
    return FakeDns()


def test_region_comes_from_region_record(dns: FakeDns) -> None:
    dns.set_region(VIRGINIA)
    assert dns.make_region_lookup().get_region() == VIRGINIA
    assert dns.queries == [("_region.auth.example.com.", "TXT", MAX_DNS_SECONDS, False)]


def test_answer_is_cached_for_its_ttl(dns: FakeDns) -> None:
    lookup = dns.make_region_lookup()
    lookup.get_region()
    dns.set_region(VIRGINIA)
    dns.now = TTL - 0.1
    assert lookup.get_region() == TOKYO
    dns.now = TTL
    assert lookup.get_region() == VIRGINIA


def test_record_in_several_strings_is_joined(dns: FakeDns) -> None:
    dns.record_text = '"us-" "east-1"'
    assert dns.make_region_lookup().get_region() == VIRGINIA


@pytest.mark.parametrize("error", [NO_ANSWER, NO_RECORD])
def test_fallback_is_used_until_dns_answers(dns: FakeDns, error: Exception) -> None:
    dns.error = error
    assert dns.make_region_lookup(VIRGINIA).get_region() == VIRGINIA


def test_missing_record_and_silent_dns_are_each_warned_about_once(
    dns: FakeDns, caplog: pytest.LogCaptureFixture
) -> None:
    lookup = dns.make_region_lookup(VIRGINIA)
    for error in (NO_RECORD, NO_RECORD, NO_ANSWER, NO_RECORD, None, NO_RECORD):
        dns.error = error
        dns.now += TTL
        lookup.get_region()
    missing, silent = "There is no", "DNS does not answer for the"
    assert caplog.messages == [
        f"{problem} TXT record _region.auth.example.com. to follow: sign-in stays in {region}."
        for problem, region in ((missing, VIRGINIA), (silent, VIRGINIA), (missing, TOKYO))
    ]


def test_second_dns_server_is_asked_when_the_first_is_silent(dns_servers: tuple[int, int]) -> None:
    silent_port, answering_port = dns_servers
    resolver = create_resolver()
    resolver.nameservers = ["127.0.0.1", "127.0.0.2"]
    resolver.nameserver_ports = {"127.0.0.1": silent_port, "127.0.0.2": answering_port}
    resolver.timeout = 0.2
    lookup = RegionLookup("auth.example.com", regions=(TOKYO, VIRGINIA), fallback=TOKYO, resolver=resolver)
    assert lookup.get_region() == VIRGINIA


def test_each_dns_server_gets_only_a_part_of_the_time() -> None:
    assert 2 * create_resolver().timeout < MAX_DNS_SECONDS


def test_last_answer_is_used_while_dns_fails(dns: FakeDns) -> None:
    lookup = dns.make_region_lookup(VIRGINIA)
    lookup.get_region()
    dns.error = NO_ANSWER
    dns.now = 2 * TTL
    assert lookup.get_region() == TOKYO


def test_failing_dns_is_not_queried_for_every_sign_in(dns: FakeDns) -> None:
    lookup = dns.make_region_lookup()
    dns.error = NO_ANSWER
    lookup.get_region()
    dns.now = 4.9
    lookup.get_region()
    assert len(dns.queries) == 1
    dns.now = 5.0
    lookup.get_region()
    assert len(dns.queries) == 2


@pytest.mark.parametrize("text", ['"eu-west-1"', '""', '"\\255"'])
def test_answer_naming_neither_region_is_ignored(dns: FakeDns, text: str) -> None:
    dns.record_text = text
    assert dns.make_region_lookup().get_region() == TOKYO


def test_concurrent_callers_use_last_answer_during_query(dns: FakeDns) -> None:
    lookup = dns.make_region_lookup()
    answers = []
    resolve = dns.resolve

    def resolve_with_concurrent_caller(*args: Any, **kwargs: Any) -> Any:
        answers.append(lookup.get_region())
        return resolve(*args, **kwargs)

    dns.set_region(VIRGINIA)
    dns.resolve = resolve_with_concurrent_caller  # type: ignore[method-assign] # simulates another thread
    assert lookup.get_region() == VIRGINIA
    assert answers == [TOKYO]


def test_failure_requeries_dns_before_ttl_at_most_once_a_second(dns: FakeDns) -> None:
    lookup = dns.make_region_lookup()
    lookup.get_region()
    dns.set_region(VIRGINIA)
    dns.now = 0.9
    assert lookup.refresh() == TOKYO
    dns.now = 1.0
    assert lookup.refresh() == VIRGINIA


def test_writes_go_to_primary_while_standby_serves_sign_in(dns: FakeDns) -> None:
    dns.set_region(VIRGINIA)
    regions = dns.make_cognito_regions()
    assert regions.get_client(regions.get_region()) == RegionClient(VIRGINIA)
    assert regions.write_client == RegionClient(TOKYO)


def move_record_after_lookup(dns: FakeDns) -> CognitoRegions:
    """Return clients that have looked up Tokyo, just before the record moves to Virginia."""
    regions = dns.make_cognito_regions()
    regions.get_region()
    dns.set_region(VIRGINIA)
    dns.now = 1.0
    return regions


@pytest.mark.parametrize("error", UNREACHABLE)
def test_failed_sign_in_restarts_in_new_region(dns: FakeDns, error: Exception) -> None:
    attempts = FailingSignIn(error)
    assert move_record_after_lookup(dns).sign_in(attempts) == VIRGINIA
    assert attempts.regions == [TOKYO, VIRGINIA]


def test_failure_reaches_caller_while_record_is_unchanged(dns: FakeDns) -> None:
    attempts = FailingSignIn(UNREACHABLE[0])
    with pytest.raises(ConnectTimeoutError):
        dns.make_cognito_regions().sign_in(attempts)
    assert attempts.regions == [TOKYO]


def test_sign_in_restarts_only_once(dns: FakeDns) -> None:
    attempts = FailingSignIn(*UNREACHABLE)
    with pytest.raises(ReadTimeoutError):
        move_record_after_lookup(dns).sign_in(attempts)
    assert attempts.regions == [TOKYO, VIRGINIA]


def test_operation_unsupported_by_replica_runs_in_primary(dns: FakeDns) -> None:
    dns.set_region(VIRGINIA)
    attempts = FailingSignIn(NOT_ENABLED)
    assert dns.make_cognito_regions().sign_in(attempts) == TOKYO
    assert attempts.regions == [VIRGINIA, TOKYO]


def test_operation_unsupported_by_primary_is_not_retried(dns: FakeDns) -> None:
    attempts = FailingSignIn(NOT_ENABLED)
    with pytest.raises(ClientError):
        dns.make_cognito_regions().sign_in(attempts)
    assert attempts.regions == [TOKYO]


@pytest.mark.parametrize(
    "error",
    [
        make_client_error("NotAuthorizedException"),
        make_client_error("TooManyRequestsException", 429),
        KeyError("a bug"),
    ],
)
def test_refusal_is_final_even_after_record_moves(dns: FakeDns, error: Exception) -> None:
    regions = move_record_after_lookup(dns)
    attempts = FailingSignIn(error)
    with pytest.raises(type(error)):
        regions.sign_in(attempts)
    assert attempts.regions == [TOKYO]


def test_non_region_error_does_not_restart(dns: FakeDns) -> None:
    assert move_record_after_lookup(dns).find_retry_region(TOKYO, KeyError("a bug")) is None


def test_default_client_times_out_quickly() -> None:
    config: Any = create_short_timeout_client(TOKYO).meta.config
    seconds = (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"]
    assert seconds <= 8
