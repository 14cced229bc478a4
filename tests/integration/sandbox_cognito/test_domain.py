"""Custom domains: one for both Regions, and rejected settings."""

import json
from typing import Any

import pytest

from tests.integration.sandbox_cognito.browser import DOMAIN, build_failover_routing, create_domain, request_certificate
from tests.integration.sandbox_cognito.cloud import (
    PRIMARY,
    STANDBY,
    InProcessCloud,
    SignedUpPool,
    create_replicable_pool,
    expect_error,
)

INVALID = "InvalidParameterException"


def describe_domain(pool: SignedUpPool, region: str, name: str = DOMAIN) -> Any:
    return pool.cloud.client("cognito-idp", region).describe_user_pool_domain(Domain=name)["DomainDescription"]


def update_domain(pool: SignedUpPool, region: str = PRIMARY, **changed: Any) -> Any:
    given = {
        "Domain": DOMAIN,
        "UserPoolId": pool.id,
        "CustomDomainConfig": {"CertificateArn": request_certificate(pool.cloud)},
    }
    return pool.cloud.client("cognito-idp", region).update_user_pool_domain(**given | changed)


def test_domain_is_the_same_in_both_regions(replicated: SignedUpPool) -> None:
    created = create_domain(replicated)

    assert created["CloudFrontDomain"].endswith(".cloudfront.net")
    assert created["Routing"] == build_failover_routing()
    here, there = describe_domain(replicated, PRIMARY), describe_domain(replicated, STANDBY)
    assert here == there
    assert (here["UserPoolId"], here["Status"], here["Routing"]) == (replicated.id, "ACTIVE", build_failover_routing())
    assert here["CloudFrontDistribution"] == created["CloudFrontDomain"]


def test_describe_user_pool_shows_domain_in_both_regions(replicated: SignedUpPool) -> None:
    create_domain(replicated)

    for region in (PRIMARY, STANDBY):
        cognito = replicated.cloud.client("cognito-idp", region)
        assert cognito.describe_user_pool(UserPoolId=replicated.id)["UserPool"]["CustomDomain"] == DOMAIN


def test_openid_configuration_lists_domain_endpoints(replicated: SignedUpPool) -> None:
    path = f"/{replicated.id}/.well-known/openid-configuration"
    host = f"issuer-cognito-idp.{PRIMARY}.amazonaws.com"
    assert "token_endpoint" not in json.loads(replicated.cloud.fetch(host, path).body)

    create_domain(replicated)

    configuration = json.loads(replicated.cloud.fetch(host, path).body)
    assert configuration["token_endpoint"] == f"https://{DOMAIN}/oauth2/token"


def test_domain_is_described_only_in_its_pools_regions(replicated: SignedUpPool) -> None:
    create_domain(replicated)

    assert describe_domain(replicated, "eu-west-1") == {}


@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE"])
def test_routing_can_be_set_in_either_region_for_any_replica_status(replicated: SignedUpPool, status: str) -> None:
    create_domain(replicated, Routing=None)
    replicated.primary.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status=status)

    for region in (PRIMARY, STANDBY):
        updated = update_domain(replicated, region, Routing=build_failover_routing())
        assert updated["Routing"] == build_failover_routing()
        assert describe_domain(replicated, PRIMARY)["Routing"] == build_failover_routing()


def test_update_without_routing_removes_it(replicated: SignedUpPool) -> None:
    create_domain(replicated)

    assert "Routing" not in update_domain(replicated)
    assert "Routing" not in describe_domain(replicated, STANDBY)


def test_domain_change_takes_time_and_blocks_the_next_change(replicated: SignedUpPool) -> None:
    replicated.cloud.cognito.domain_timing.distributing_seconds = 60
    create_domain(replicated, Routing=None)
    assert describe_domain(replicated, PRIMARY)["Status"] == "CREATING"
    assert expect_error(lambda: update_domain(replicated))[0] == "ConcurrentModificationException"

    replicated.cloud.clock.advance(60)
    update_domain(replicated, Routing=build_failover_routing())
    domain = replicated.cloud.cognito.domains.find_by_name(DOMAIN)
    assert domain is not None
    assert domain.served_settings is not None
    assert (domain.status, domain.served_settings.failover_routing) == ("UPDATING", None)

    replicated.cloud.clock.advance(60)
    assert describe_domain(replicated, PRIMARY)["Status"] == "ACTIVE"
    assert domain.served_settings.failover_routing is not None


def test_deleted_domain_can_be_used_by_another_pool(replicated: SignedUpPool, cloud: InProcessCloud) -> None:
    create_domain(replicated)
    replicated.standby.delete_user_pool_domain(Domain=DOMAIN, UserPoolId=replicated.id)

    assert describe_domain(replicated, PRIMARY) == {}
    assert create_domain(create_replicable_pool(cloud), Routing=None)["CloudFrontDomain"]


@pytest.mark.parametrize(
    ("routing", "words"),
    [
        (build_failover_routing(check_id="unknown"), "Route 53 health check unknown does not exist."),
        (build_failover_routing(region="eu-west-1"), "Region eu-west-1 is not active for the user pool"),
        (
            build_failover_routing(region=PRIMARY),
            (
                "Routing field can only be configured when replica status is one of: ACTIVE, CREATING, INACTIVE. "
                "Current status: ACTIVE"
            ),
        ),
    ],
)
def test_invalid_routing_is_rejected(replicated: SignedUpPool, routing: Any, words: str) -> None:
    assert expect_error(lambda: create_domain(replicated, Routing=routing)) == (INVALID, words, 400)

    create_domain(replicated, Routing=None)
    assert expect_error(lambda: update_domain(replicated, ManagedLoginVersion=2, Routing=routing)) == (
        INVALID,
        words,
        400,
    )


def test_routing_without_a_replica_is_rejected(pool: SignedUpPool) -> None:
    assert expect_error(lambda: create_domain(pool))[1] == f"Region {STANDBY} is not active for the user pool"


def test_routing_to_a_replica_that_is_being_deleted_is_rejected(replicated: SignedUpPool) -> None:
    create_domain(replicated, Routing=None)
    replicated.primary.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status="INACTIVE")
    replicated.primary.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY)

    assert (
        "Current status: DELETING"
        in expect_error(lambda: update_domain(replicated, Routing=build_failover_routing()))[1]
    )


def test_classic_hosted_ui_has_no_routing(replicated: SignedUpPool) -> None:
    words = "Routing field is not supported for Hosted UI (classic)"

    assert expect_error(lambda: create_domain(replicated, ManagedLoginVersion=1))[1] == words


def test_prefix_domain_has_no_routing(replicated: SignedUpPool) -> None:
    create = replicated.primary.create_user_pool_domain

    assert (
        expect_error(lambda: create(Domain="prefix", UserPoolId=replicated.id, Routing=build_failover_routing()))[0]
        == INVALID
    )
    assert "CloudFrontDomain" not in create(Domain="prefix", UserPoolId=replicated.id)
    replicated.primary.delete_user_pool_domain(Domain="prefix", UserPoolId=replicated.id)


def test_name_with_dots_needs_a_certificate(replicated: SignedUpPool) -> None:
    assert (
        "invalid character" in expect_error(lambda: create_domain(replicated, CustomDomainConfig=None, Routing=None))[1]
    )


@pytest.mark.parametrize(
    ("name", "region", "words"),
    [
        (DOMAIN, PRIMARY, "isn't in us-east-1 region"),
        ("other.example.com", "us-east-1", "doesn't cover the alternate domain name"),
    ],
)
def test_unusable_certificate_is_rejected(replicated: SignedUpPool, name: str, region: str, words: str) -> None:
    config = {"CertificateArn": request_certificate(replicated.cloud, name, region)}

    code, message, status = expect_error(lambda: create_domain(replicated, CustomDomainConfig=config))
    assert (code, status) == (INVALID, 400)
    assert words in message
    assert "InvalidViewerCertificate" in message


def test_wildcard_certificate_covers_a_domain(replicated: SignedUpPool) -> None:
    config = {"CertificateArn": request_certificate(replicated.cloud, "*.example.com")}

    assert create_domain(replicated, CustomDomainConfig=config)["CloudFrontDomain"]


def test_parent_of_a_domain_must_resolve(replicated: SignedUpPool) -> None:
    replicated.cloud.addressed_names.clear()

    assert "Was not able to resolve the root domain" in expect_error(lambda: create_domain(replicated))[1]


@pytest.mark.parametrize("name", ["example.com", "Login.example.com", "login..example.com", "-login.example.com"])
def test_name_that_is_not_a_subdomain_is_rejected(replicated: SignedUpPool, name: str) -> None:
    assert expect_error(lambda: create_domain(replicated, name))[1].startswith("Custom domain is not a valid subdomain")


def test_domain_of_another_pool_is_rejected(replicated: SignedUpPool, cloud: InProcessCloud) -> None:
    create_domain(replicated)
    other = create_replicable_pool(cloud)

    words = "Domain already associated with another user pool."
    assert expect_error(lambda: create_domain(other, Routing=None)) == (INVALID, words, 400)
    assert expect_error(lambda: update_domain(other))[1] == "The domain is not configured for this user pool."


def test_second_custom_domain_on_replica_is_rejected(replicated: SignedUpPool) -> None:
    create_domain(replicated)
    config = {"CertificateArn": request_certificate(replicated.cloud, "other.example.com")}

    def create_on_the_replica() -> None:
        replicated.standby.create_user_pool_domain(
            Domain="other.example.com", UserPoolId=replicated.id, CustomDomainConfig=config
        )

    assert expect_error(create_on_the_replica)[1] == "User pool already has a domain configured."


def test_custom_domain_cannot_become_prefix_domain(replicated: SignedUpPool) -> None:
    create_domain(replicated)
    update_without = replicated.primary.update_user_pool_domain

    words = expect_error(lambda: update_without(Domain=DOMAIN, UserPoolId=replicated.id))[1]
    assert words == "Cannot convert custom domain to prefix domain."


def test_unknown_domain_cannot_be_deleted(replicated: SignedUpPool) -> None:
    delete = replicated.primary.delete_user_pool_domain

    assert expect_error(lambda: delete(Domain=DOMAIN, UserPoolId=replicated.id))[1] == (
        "No such domain or user pool exists."
    )


def test_pool_with_a_domain_cannot_be_deleted(pool: SignedUpPool) -> None:
    create_domain(pool, Routing=None)
    delete = pool.primary.delete_user_pool

    assert "has a domain configured" in expect_error(lambda: delete(UserPoolId=pool.id))[1]
    pool.primary.delete_user_pool_domain(Domain=DOMAIN, UserPoolId=pool.id)
    delete(UserPoolId=pool.id)


def test_region_that_is_cut_off_changes_no_domain(replicated: SignedUpPool) -> None:
    create_domain(replicated)
    replicated.cloud.are_linked = False

    assert expect_error(lambda: update_domain(replicated, STANDBY))[0] == "InternalErrorException"
    assert describe_domain(replicated, STANDBY)["Routing"] == build_failover_routing()


def test_region_that_is_cut_off_creates_no_domain(replicated: SignedUpPool) -> None:
    config = {"CertificateArn": request_certificate(replicated.cloud)}
    replicated.cloud.are_linked = False

    refusal = expect_error(lambda: create_domain(replicated, CustomDomainConfig=config, Routing=None))
    assert (refusal[0], refusal[2]) == ("InternalErrorException", 500)


def test_managed_login_is_not_available_in_lite_tier(cloud: InProcessCloud) -> None:
    cognito = cloud.client("cognito-idp", PRIMARY)
    pool_id = cognito.create_user_pool(PoolName="lite", UserPoolTier="LITE")["UserPool"]["Id"]
    pool = SignedUpPool(cloud, pool_id, "")

    assert expect_error(lambda: create_domain(pool, Routing=None))[0] == "FeatureUnavailableInTierException"
    assert create_domain(pool, Routing=None, ManagedLoginVersion=1)["CloudFrontDomain"]
