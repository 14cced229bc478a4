from sandbox.cognito.domain import CustomDomain, DomainSettings, FailoverRouting

PRIMARY, SECONDARY = "ap-northeast-1", "us-east-1"


def build_domain(*, has_failover: bool = True) -> CustomDomain:
    failover = FailoverRouting(secondary_region=SECONDARY, health_check_id="check") if has_failover else None
    settings = DomainSettings(custom_domain_config={}, managed_login_version=2, failover_routing=failover)
    return CustomDomain(
        name="login.example.com",
        distribution="d1.cloudfront.net",
        account="123456789012",
        pool_id=f"{PRIMARY}_pool",
        settings=settings,
        changed_at=0,
        served_settings=settings,
    )
