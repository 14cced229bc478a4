"""Custom domains: one for both Regions, and what is refused."""

import json
from typing import Any

import pytest

from tests.integration.sandbox_cognito.browser import DOMAIN, certificate, create_domain, failover
from tests.integration.sandbox_cognito.cloud import (
    PRIMARY,
    STANDBY,
    Cloud,
    SignedUpPool,
    refused,
    replicable_pool,
)

INVALID = "InvalidParameterException"


def described(pool: SignedUpPool, region: str, name: str = DOMAIN) -> Any:
    return pool.cloud.client("cognito-idp", region).describe_user_pool_domain(Domain=name)["DomainDescription"]


def update(pool: SignedUpPool, region: str = PRIMARY, **changed: Any) -> Any:
    given = {
        "Domain": DOMAIN,
        "UserPoolId": pool.id,
        "CustomDomainConfig": {"CertificateArn": certificate(pool.cloud)},
    }
    return pool.cloud.client("cognito-idp", region).update_user_pool_domain(**given | changed)


def test_a_domain_is_one_with_one_distribution_in_both_regions(replicated: SignedUpPool) -> None:
    created = create_domain(replicated)

    assert created["CloudFrontDomain"].endswith(".cloudfront.net")
    assert created["Routing"] == failover()
    here, there = described(replicated, PRIMARY), described(replicated, STANDBY)
    assert here == there
    assert (here["UserPoolId"], here["Status"], here["Routing"]) == (replicated.id, "ACTIVE", failover())
    assert here["CloudFrontDistribution"] == created["CloudFrontDomain"]


def test_a_pool_tells_its_domain_in_both_regions(replicated: SignedUpPool) -> None:
    create_domain(replicated)

    for region in (PRIMARY, STANDBY):
        cognito = replicated.cloud.client("cognito-idp", region)
        assert cognito.describe_user_pool(UserPoolId=replicated.id)["UserPool"]["CustomDomain"] == DOMAIN


def test_the_issuer_tells_where_its_endpoints_are(replicated: SignedUpPool) -> None:
    path = f"/{replicated.id}/.well-known/openid-configuration"
    host = f"issuer-cognito-idp.{PRIMARY}.amazonaws.com"
    assert "token_endpoint" not in json.loads(replicated.cloud.get(host, path).body)

    create_domain(replicated)

    told = json.loads(replicated.cloud.get(host, path).body)
    assert told["token_endpoint"] == f"https://{DOMAIN}/oauth2/token"


def test_a_domain_is_described_where_its_pool_is(replicated: SignedUpPool) -> None:
    create_domain(replicated)

    assert described(replicated, "eu-west-1") == {}


@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE"])
def test_routing_is_set_through_either_region_whatever_the_replicas_status(
    replicated: SignedUpPool, status: str
) -> None:
    create_domain(replicated, Routing=None)
    replicated.primary.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status=status)

    for region in (PRIMARY, STANDBY):
        updated = update(replicated, region, Routing=failover())
        assert updated["Routing"] == failover()
        assert described(replicated, PRIMARY)["Routing"] == failover()


def test_an_update_without_routing_takes_it_away(replicated: SignedUpPool) -> None:
    create_domain(replicated)

    assert "Routing" not in update(replicated)
    assert "Routing" not in described(replicated, STANDBY)


def test_a_change_takes_its_time_and_keeps_the_next_one_out(replicated: SignedUpPool) -> None:
    replicated.cloud.cognito.domain_timing.distributing_seconds = 60
    create_domain(replicated, Routing=None)
    assert described(replicated, PRIMARY)["Status"] == "CREATING"
    assert refused(lambda: update(replicated))[0] == "ConcurrentModificationException"

    replicated.cloud.clock.pass_seconds(60)
    update(replicated, Routing=failover())
    domain = replicated.cloud.cognito.domains.named(DOMAIN)
    assert domain is not None
    assert domain.served is not None
    assert (domain.status, domain.served.failover) == ("UPDATING", None)

    replicated.cloud.clock.pass_seconds(60)
    assert described(replicated, PRIMARY)["Status"] == "ACTIVE"
    assert domain.served.failover is not None


def test_a_deleted_domain_is_gone_and_free_for_another_pool(replicated: SignedUpPool, cloud: Cloud) -> None:
    create_domain(replicated)
    replicated.standby.delete_user_pool_domain(Domain=DOMAIN, UserPoolId=replicated.id)

    assert described(replicated, PRIMARY) == {}
    assert create_domain(replicable_pool(cloud), Routing=None)["CloudFrontDomain"]


@pytest.mark.parametrize(
    ("routing", "words"),
    [
        (failover(check_id="unknown"), "Route 53 health check unknown does not exist."),
        (failover(region="eu-west-1"), "Region eu-west-1 is not active for the user pool"),
        (
            failover(region=PRIMARY),
            (
                "Routing field can only be configured when replica status is one of: ACTIVE, CREATING, INACTIVE. "
                "Current status: ACTIVE"
            ),
        ),
    ],
)
def test_routing_that_leads_nowhere_is_refused(replicated: SignedUpPool, routing: Any, words: str) -> None:
    assert refused(lambda: create_domain(replicated, Routing=routing)) == (INVALID, words, 400)

    create_domain(replicated, Routing=None)
    assert refused(lambda: update(replicated, ManagedLoginVersion=2, Routing=routing)) == (INVALID, words, 400)


def test_routing_without_a_replica_is_refused(pool: SignedUpPool) -> None:
    assert refused(lambda: create_domain(pool))[1] == f"Region {STANDBY} is not active for the user pool"


def test_routing_to_a_replica_that_is_being_deleted_is_refused(replicated: SignedUpPool) -> None:
    create_domain(replicated, Routing=None)
    replicated.primary.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status="INACTIVE")
    replicated.primary.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY)

    assert "Current status: DELETING" in refused(lambda: update(replicated, Routing=failover()))[1]


def test_the_classic_hosted_ui_has_no_routing(replicated: SignedUpPool) -> None:
    words = "Routing field is not supported for Hosted UI (classic)"

    assert refused(lambda: create_domain(replicated, ManagedLoginVersion=1))[1] == words


def test_a_prefix_domain_has_no_routing(replicated: SignedUpPool) -> None:
    create = replicated.primary.create_user_pool_domain

    assert refused(lambda: create(Domain="prefix", UserPoolId=replicated.id, Routing=failover()))[0] == INVALID
    assert "CloudFrontDomain" not in create(Domain="prefix", UserPoolId=replicated.id)
    replicated.primary.delete_user_pool_domain(Domain="prefix", UserPoolId=replicated.id)


def test_a_name_with_dots_needs_a_certificate(replicated: SignedUpPool) -> None:
    assert "invalid character" in refused(lambda: create_domain(replicated, CustomDomainConfig=None, Routing=None))[1]


@pytest.mark.parametrize(
    ("name", "region", "words"),
    [
        (DOMAIN, PRIMARY, "isn't in us-east-1 region"),
        ("other.example.com", "us-east-1", "doesn't cover the alternate domain name"),
    ],
)
def test_a_certificate_that_cloudfront_can_not_use_is_refused(
    replicated: SignedUpPool, name: str, region: str, words: str
) -> None:
    config = {"CertificateArn": certificate(replicated.cloud, name, region)}

    code, message, status = refused(lambda: create_domain(replicated, CustomDomainConfig=config))
    assert (code, status) == (INVALID, 400)
    assert words in message
    assert "InvalidViewerCertificate" in message


def test_a_wildcard_certificate_covers_a_domain(replicated: SignedUpPool) -> None:
    config = {"CertificateArn": certificate(replicated.cloud, "*.example.com")}

    assert create_domain(replicated, CustomDomainConfig=config)["CloudFrontDomain"]


def test_the_parent_of_a_domain_must_resolve(replicated: SignedUpPool) -> None:
    replicated.cloud.addressed_names.clear()

    assert "Was not able to resolve the root domain" in refused(lambda: create_domain(replicated))[1]


@pytest.mark.parametrize("name", ["example.com", "Login.example.com", "login..example.com", "-login.example.com"])
def test_what_is_no_subdomain_is_refused(replicated: SignedUpPool, name: str) -> None:
    assert refused(lambda: create_domain(replicated, name))[1].startswith("Custom domain is not a valid subdomain")


def test_a_domain_of_another_pool_is_taken(replicated: SignedUpPool, cloud: Cloud) -> None:
    create_domain(replicated)
    other = replicable_pool(cloud)

    words = "Domain already associated with another user pool."
    assert refused(lambda: create_domain(other, Routing=None)) == (INVALID, words, 400)
    assert refused(lambda: update(other))[1] == "The domain is not configured for this user pool."


def test_a_replica_can_not_have_a_custom_domain_of_its_own(replicated: SignedUpPool) -> None:
    create_domain(replicated)
    config = {"CertificateArn": certificate(replicated.cloud, "other.example.com")}

    def create_on_the_replica() -> None:
        replicated.standby.create_user_pool_domain(
            Domain="other.example.com", UserPoolId=replicated.id, CustomDomainConfig=config
        )

    assert refused(create_on_the_replica)[1] == "User pool already has a domain configured."


def test_a_custom_domain_stays_one(replicated: SignedUpPool) -> None:
    create_domain(replicated)
    update_without = replicated.primary.update_user_pool_domain

    words = refused(lambda: update_without(Domain=DOMAIN, UserPoolId=replicated.id))[1]
    assert words == "Cannot convert custom domain to prefix domain."


def test_an_unknown_domain_can_not_be_deleted(replicated: SignedUpPool) -> None:
    delete = replicated.primary.delete_user_pool_domain

    assert refused(lambda: delete(Domain=DOMAIN, UserPoolId=replicated.id))[1] == (
        "No such domain or user pool exists."
    )


def test_a_pool_with_a_domain_can_not_be_deleted(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    delete = pool.primary.delete_user_pool

    assert "has a domain configured" in refused(lambda: delete(UserPoolId=pool.id))[1]
    pool.primary.delete_user_pool_domain(Domain=DOMAIN, UserPoolId=pool.id)
    delete(UserPoolId=pool.id)


def test_a_region_that_is_cut_off_changes_no_domain(replicated: SignedUpPool) -> None:
    create_domain(replicated)
    replicated.cloud.are_linked = False

    assert refused(lambda: update(replicated, STANDBY))[0] == "InternalErrorException"
    assert described(replicated, STANDBY)["Routing"] == failover()


def test_a_region_that_is_cut_off_creates_no_domain(replicated: SignedUpPool) -> None:
    config = {"CertificateArn": certificate(replicated.cloud)}
    replicated.cloud.are_linked = False

    refusal = refused(lambda: create_domain(replicated, CustomDomainConfig=config, Routing=None))
    assert (refusal[0], refusal[2]) == ("InternalErrorException", 500)


def test_managed_login_is_not_of_the_lite_tier(cloud: Cloud) -> None:
    cognito = cloud.client("cognito-idp", PRIMARY)
    pool_id = cognito.create_user_pool(PoolName="lite", UserPoolTier="LITE")["UserPool"]["Id"]
    pool = SignedUpPool(cloud, pool_id, "")

    assert refused(lambda: create_domain(pool, Routing=None))[0] == "FeatureUnavailableInTierException"
    assert create_domain(pool, Routing=None, ManagedLoginVersion=1)["CloudFrontDomain"]
