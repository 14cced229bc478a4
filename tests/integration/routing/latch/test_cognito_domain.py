"""Cognito's own domain: its failover is set and removed, and nothing else changes."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from cognito_failover.common.errors import LeverRefusedError, LeverUnavailableError
from cognito_failover.routing.latch.cognito_domain import CognitoDomain, DomainFailover
from tests.integration.sandbox_cognito.browser import DOMAIN, create_domain
from tests.integration.sandbox_cognito.cloud import (
    PRIMARY,
    STANDBY,
    InProcessCloud,
    SignedUpPool,
    create_active_replica,
    create_replicable_pool,
)

OWN_FAILOVER = DomainFailover(secondary_region=STANDBY, check_id="check")


@pytest.fixture
def pool(cloud: InProcessCloud) -> SignedUpPool:
    """Return a replicated pool without a domain."""
    return create_active_replica(create_replicable_pool(cloud))


def make_domain(pool: SignedUpPool, name: str = DOMAIN) -> CognitoDomain:
    client = pool.cloud.client("cognito-idp", PRIMARY)
    return CognitoDomain(lambda: client, name=name, user_pool_id=pool.id)


def describe_domain(pool: SignedUpPool) -> dict[str, Any]:
    description = pool.primary.describe_user_pool_domain(Domain=DOMAIN)["DomainDescription"]
    assert isinstance(description, dict)
    return description


def test_failover_is_set_and_read_back(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    domain = make_domain(pool)
    assert domain.get_failover() is None
    domain.set_failover(OWN_FAILOVER)
    assert domain.get_failover() == OWN_FAILOVER
    assert domain.is_settled()


def test_other_domain_settings_are_preserved(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    before = describe_domain(pool)
    make_domain(pool).set_failover(OWN_FAILOVER)
    with_failover = describe_domain(pool)
    assert {name: value for name, value in with_failover.items() if name != "Routing"} == before
    make_domain(pool).set_failover(None)
    assert describe_domain(pool) == before


def test_new_failover_replaces_the_existing_one(pool: SignedUpPool) -> None:
    create_domain(pool)
    other = DomainFailover(secondary_region=STANDBY, check_id="check")
    make_domain(pool).set_failover(other)
    assert make_domain(pool).get_failover() == other


def test_change_in_distribution_is_not_settled(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    pool.cloud.cognito.domain_timing.distributing_seconds = 60
    make_domain(pool).set_failover(OWN_FAILOVER)
    assert not make_domain(pool).is_settled()
    pool.cloud.clock.advance(60)
    assert make_domain(pool).is_settled()


def test_domain_in_another_change_is_unavailable(pool: SignedUpPool) -> None:
    pool.cloud.cognito.domain_timing.distributing_seconds = 60
    create_domain(pool, Routing=None)
    with pytest.raises(LeverUnavailableError, match="ConcurrentModificationException"):
        make_domain(pool).set_failover(OWN_FAILOVER)


def test_unknown_domain_is_rejected(pool: SignedUpPool) -> None:
    with pytest.raises(LeverRefusedError, match=r"MANAGED_LOGIN_DOMAIN is other\.example\.com, a domain of no pool"):
        make_domain(pool, "other.example.com").get_failover()


def test_domain_of_another_pool_is_rejected(pool: SignedUpPool, cloud: InProcessCloud) -> None:
    create_domain(pool)
    other = CognitoDomain(lambda: cloud.client("cognito-idp", PRIMARY), name=DOMAIN, user_pool_id=f"{PRIMARY}_other")
    with pytest.raises(LeverRefusedError, match=f"a domain of {pool.id}"):
        other.get_failover()


def test_classic_hosted_ui_domain_is_rejected_with_hint(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None, ManagedLoginVersion=1)
    with pytest.raises(LeverRefusedError, match=r"branding version 1, the classic hosted UI.*Set it to 2"):
        make_domain(pool).set_failover(OWN_FAILOVER)


def test_prefix_domain_is_rejected(pool: SignedUpPool) -> None:
    pool.primary.create_user_pool_domain(Domain="prefix", UserPoolId=pool.id)
    with pytest.raises(LeverRefusedError, match="prefix is not a custom domain"):
        make_domain(pool, "prefix").get_failover()


def test_cognito_rejection_is_quoted(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    elsewhere = DomainFailover(secondary_region="eu-west-1", check_id="check")
    with pytest.raises(LeverRefusedError, match="eu-west-1 is not active for the user pool"):
        make_domain(pool).set_failover(elsewhere)


class FaultyCognitoClient:
    """A Cognito client whose updates fail, or drop the failover."""

    def __init__(self, pool: SignedUpPool, failure: Exception | None = None) -> None:
        self._client = pool.cloud.client("cognito-idp", PRIMARY)
        self._failure = failure
        self.meta = self._client.meta

    def describe_user_pool_domain(self, **arguments: Any) -> Any:
        return self._client.describe_user_pool_domain(**arguments)

    def update_user_pool_domain(self, **arguments: Any) -> Any:
        if self._failure:
            raise self._failure
        return self._client.update_user_pool_domain(
            **{name: value for name, value in arguments.items() if name != "Routing"}
        )


def make_domain_with_client(client: Any, pool: SignedUpPool) -> CognitoDomain:
    return CognitoDomain(lambda: client, name=DOMAIN, user_pool_id=pool.id)


def test_missing_permission_is_named(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "UpdateUserPoolDomain")
    with pytest.raises(LeverUnavailableError, match="Allow cognito-idp:UpdateUserPoolDomain on the pool"):
        make_domain_with_client(FaultyCognitoClient(pool, denied), pool).set_failover(OWN_FAILOVER)


@pytest.mark.parametrize(
    "code",
    [
        "FeatureUnavailableInTierException",
        "InvalidParameterException",
        "NotAuthorizedException",
        "ResourceNotFoundException",
    ],
)
def test_permanent_error_is_a_rejection(pool: SignedUpPool, code: str) -> None:
    create_domain(pool, Routing=None)
    refusal = ClientError({"Error": {"Code": code, "Message": "No."}}, "UpdateUserPoolDomain")
    refusing = FaultyCognitoClient(pool, refusal)
    errors = refusing.meta.service_model.operation_model("UpdateUserPoolDomain").error_shapes
    assert code in {error.name for error in errors}, "the SDK lists the error for this operation"
    with pytest.raises(LeverRefusedError, match=f"UpdateUserPoolDomain answered {code}: No"):
        make_domain_with_client(refusing, pool).set_failover(OWN_FAILOVER)


def test_timeout_is_reported(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    timeout = ReadTimeoutError(endpoint_url="https://cognito-idp.ap-northeast-1.amazonaws.com")
    with pytest.raises(LeverUnavailableError, match="UpdateUserPoolDomain got no answer: Read timeout"):
        make_domain_with_client(FaultyCognitoClient(pool, timeout), pool).set_failover(OWN_FAILOVER)


def test_readback_mismatch_is_reported(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    with pytest.raises(
        LeverUnavailableError, match=r"its Routing does not read back as expected\. First check the domain"
    ):
        make_domain_with_client(FaultyCognitoClient(pool), pool).set_failover(OWN_FAILOVER)
