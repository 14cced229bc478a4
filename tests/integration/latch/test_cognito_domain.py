"""Cognito's own domain: its failover is set and taken away, and nothing else of it changes."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from failover.errors import LeverRefusedError, LeverUnavailableError
from failover.levers.user_pool_domain import CognitoDomain, Failover
from tests.integration.sandbox_cognito.browser import DOMAIN, create_domain
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, Cloud, SignedUpPool, replicable_pool, replicate

OURS = Failover(secondary_region=STANDBY, check_id="check")


@pytest.fixture
def pool(cloud: Cloud) -> SignedUpPool:
    """Return a replicated pool without a domain."""
    return replicate(replicable_pool(cloud))


def domain_of(pool: SignedUpPool, name: str = DOMAIN) -> CognitoDomain:
    client = pool.cloud.client("cognito-idp", PRIMARY)
    return CognitoDomain(lambda: client, name=name, user_pool_id=pool.id)


def described(pool: SignedUpPool) -> dict[str, Any]:
    found = pool.primary.describe_user_pool_domain(Domain=DOMAIN)["DomainDescription"]
    assert isinstance(found, dict)
    return found


def test_a_failover_is_set_and_read_back(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    domain = domain_of(pool)
    assert domain.failover() is None
    domain.set_failover(OURS)
    assert domain.failover() == OURS
    assert domain.is_settled()


def test_every_other_setting_of_the_domain_is_preserved(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    before = described(pool)
    domain_of(pool).set_failover(OURS)
    with_failover = described(pool)
    assert {name: value for name, value in with_failover.items() if name != "Routing"} == before
    domain_of(pool).set_failover(None)
    assert described(pool) == before


def test_another_failover_takes_the_place_of_the_one_there_was(pool: SignedUpPool) -> None:
    create_domain(pool)
    other = Failover(secondary_region=STANDBY, check_id="check")
    domain_of(pool).set_failover(other)
    assert domain_of(pool).failover() == other


def test_a_change_that_is_still_distributed_is_not_settled(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    pool.cloud.cognito.domain_timing.distributing_seconds = 60
    domain_of(pool).set_failover(OURS)
    assert not domain_of(pool).is_settled()
    pool.cloud.clock.pass_seconds(60)
    assert domain_of(pool).is_settled()


def test_a_domain_that_is_changing_already_is_tried_again_later(pool: SignedUpPool) -> None:
    pool.cloud.cognito.domain_timing.distributing_seconds = 60
    create_domain(pool, Routing=None)
    with pytest.raises(LeverUnavailableError, match="ConcurrentModificationException"):
        domain_of(pool).set_failover(OURS)


def test_a_name_that_is_no_domain_is_refused(pool: SignedUpPool) -> None:
    with pytest.raises(LeverRefusedError, match=r"MANAGED_LOGIN_DOMAIN is other\.example\.com, a domain of no pool"):
        domain_of(pool, "other.example.com").failover()


def test_a_domain_of_another_pool_is_refused(pool: SignedUpPool, cloud: Cloud) -> None:
    create_domain(pool)
    other = CognitoDomain(lambda: cloud.client("cognito-idp", PRIMARY), name=DOMAIN, user_pool_id=f"{PRIMARY}_other")
    with pytest.raises(LeverRefusedError, match=f"a domain of {pool.id}"):
        other.failover()


def test_a_domain_with_the_classic_hosted_ui_is_refused_with_the_way_out(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None, ManagedLoginVersion=1)
    with pytest.raises(LeverRefusedError, match=r"branding version 1, the classic hosted UI.*set it to 2"):
        domain_of(pool).set_failover(OURS)


def test_a_prefix_domain_is_refused(pool: SignedUpPool) -> None:
    pool.primary.create_user_pool_domain(Domain="prefix", UserPoolId=pool.id)
    with pytest.raises(LeverRefusedError, match="prefix is no custom domain"):
        domain_of(pool, "prefix").failover()


def test_what_cognito_refuses_is_quoted(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    elsewhere = Failover(secondary_region="eu-west-1", check_id="check")
    with pytest.raises(LeverRefusedError, match="eu-west-1 is not active for the user pool"):
        domain_of(pool).set_failover(elsewhere)


class Careless:
    """A client of Cognito whose updates fail, or leave the failover out."""

    def __init__(self, pool: SignedUpPool, failure: Exception | None = None) -> None:
        self._client = pool.cloud.client("cognito-idp", PRIMARY)
        self._failure = failure
        self.meta = self._client.meta

    def describe_user_pool_domain(self, **given: Any) -> Any:
        return self._client.describe_user_pool_domain(**given)

    def update_user_pool_domain(self, **given: Any) -> Any:
        if self._failure:
            raise self._failure
        return self._client.update_user_pool_domain(
            **{name: value for name, value in given.items() if name != "Routing"}
        )


def through(client: Any, pool: SignedUpPool) -> CognitoDomain:
    return CognitoDomain(lambda: client, name=DOMAIN, user_pool_id=pool.id)


def test_a_missing_permission_is_named(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "UpdateUserPoolDomain")
    with pytest.raises(LeverUnavailableError, match="Allow cognito-idp:UpdateUserPoolDomain on the pool"):
        through(Careless(pool, denied), pool).set_failover(OURS)


@pytest.mark.parametrize(
    "code",
    [
        "FeatureUnavailableInTierException",
        "InvalidParameterException",
        "NotAuthorizedException",
        "ResourceNotFoundException",
    ],
)
def test_what_a_repeat_would_not_change_is_a_refusal(pool: SignedUpPool, code: str) -> None:
    create_domain(pool, Routing=None)
    refusal = ClientError({"Error": {"Code": code, "Message": "No."}}, "UpdateUserPoolDomain")
    refusing = Careless(pool, refusal)
    errors = refusing.meta.service_model.operation_model("UpdateUserPoolDomain").error_shapes
    assert code in {error.name for error in errors}, "Cognito may answer so"
    with pytest.raises(LeverRefusedError, match=f"UpdateUserPoolDomain answered {code}: No"):
        through(refusing, pool).set_failover(OURS)


def test_silence_is_told(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    silence = ReadTimeoutError(endpoint_url="https://cognito-idp.ap-northeast-1.amazonaws.com")
    with pytest.raises(LeverUnavailableError, match="UpdateUserPoolDomain got no answer: Read timeout"):
        through(Careless(pool, silence), pool).set_failover(OURS)


def test_a_change_that_reads_otherwise_than_it_was_made_is_told(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    with pytest.raises(LeverUnavailableError, match=r"its Routing reads otherwise than it should\. Look at the domain"):
        through(Careless(pool), pool).set_failover(OURS)
