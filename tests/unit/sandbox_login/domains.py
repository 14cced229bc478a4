from sandbox.cognito.domain import CustomDomain, DomainSettings, Failover

PRIMARY, SECONDARY = "ap-northeast-1", "us-east-1"


def domain(*, routed: bool = True) -> CustomDomain:
    failover = Failover(secondary_region=SECONDARY, health_check_id="check") if routed else None
    settings = DomainSettings(custom_domain_config={}, managed_login_version=2, failover=failover)
    return CustomDomain(
        name="login.example.com",
        distribution="d1.cloudfront.net",
        account="123456789012",
        pool_id=f"{PRIMARY}_pool",
        settings=settings,
        changed_at=0,
        served=settings,
    )
