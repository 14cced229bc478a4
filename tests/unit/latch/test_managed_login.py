"""A request through Cognito's own domain: what counts as served."""

import pytest

from failover.levers.managed_login import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS, pass_through, passing
from failover.probe.answer import Silence
from failover.probe.https import Endpoint, Https, Reply, SilenceError, Timeouts

DOMAIN = "login.example.com"


class Answering(Https):
    """Gets one answer, or none, from everywhere."""

    def __init__(self, answer: int | Silence) -> None:
        super().__init__(Timeouts(connect_seconds=1, read_seconds=1))
        self._answer = answer
        self.asked: list[Endpoint] = []

    def get(self, endpoint: Endpoint, path: str = "/") -> Reply:  # noqa: ARG002 - the root is all that is asked for
        self.asked.append(endpoint)
        if isinstance(self._answer, Silence):
            raise SilenceError(self._answer, endpoint.host)
        return Reply(status=self._answer, headers={}, body=b"")


@pytest.mark.parametrize("status", [200, 302, 404])
def test_any_answer_that_is_no_servers_error_is_served(status: int) -> None:
    passage = pass_through(Answering(status), DOMAIN)
    assert passage.passed
    assert passage.sentence == f"A request through login.example.com was answered {status}."


@pytest.mark.parametrize("status", [500, 503])
def test_a_servers_error_is_not(status: int) -> None:
    assert not pass_through(Answering(status), DOMAIN).passed


@pytest.mark.parametrize("silence", [Silence.TLS, Silence.CONNECT_TIMEOUT, Silence.READ_TIMEOUT])
def test_neither_is_silence_or_a_certificate_of_another(silence: Silence) -> None:
    passage = pass_through(Answering(silence), DOMAIN)
    assert not passage.passed
    assert "login.example.com gave no HTTP answer" in passage.sentence


def test_the_domain_is_asked_by_its_own_name() -> None:
    https = Answering(200)
    pass_through(https, DOMAIN)
    assert https.asked == [Endpoint(host=DOMAIN, server_name=DOMAIN)]


def test_a_request_is_over_before_the_round_is() -> None:
    given = passing(DOMAIN).args[0]
    assert isinstance(given, Https)
    assert given.timeouts == Timeouts(connect_seconds=CONNECT_TIMEOUT_SECONDS, read_seconds=READ_TIMEOUT_SECONDS)
    # Connecting takes as long twice at the most: TCP, then TLS.
    assert 2 * CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS <= 3
