"""The ways of breaking a sound site: each by its name, what it breaks besides, how, and how it is mended."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.integration.preflight.site import (
    DOMAIN,
    STACK,
    TOKYO,
    VIRGINIA,
    Site,
    stack_policy,
)

type Action = Callable[[Site], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way.

    Attributes
    ----------
    breaks
        The check that finds it.
    besides
        Checks that find it, too: some things hang together.
    hides
        Checks that can't be made while it is so.
    break_, mend
        What somebody does, and how it is undone.

    """

    breaks: str
    break_: Action
    mend: Action
    besides: frozenset[str] = frozenset()
    hides: frozenset[str] = frozenset()

    @contextmanager
    def broken(self, site: Site) -> Iterator[None]:
        """Break it for a while."""
        self.break_(site)
        try:
            yield
        finally:
            self.mend(site)


def _cognito(site: Site, region: str = TOKYO) -> Any:
    return site.client("cognito-idp", region)


def _replica(status: str, site: Site) -> None:
    _cognito(site).update_user_pool_replica(UserPoolId=site.pool_id, RegionName=VIRGINIA, Status=status)


def _key(operation: str, region: str, site: Site) -> None:
    key_id = site.set_up.key_arns[TOKYO].rpartition("/")[2]
    getattr(site.client("kms", region), operation)(KeyId=key_id)


def _forget_cognito(region: str, site: Site) -> None:
    kms, key_id = site.client("kms", region), site.set_up.key_arns[TOKYO].rpartition("/")[2]
    policy = json.loads(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])
    site.ids[f"policy-{region}"] = json.dumps(policy)
    policy["Statement"] = [each for each in policy["Statement"] if "cognito" not in json.dumps(each)]
    kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(policy))


def _remember_cognito(region: str, site: Site) -> None:
    key_id = site.set_up.key_arns[TOKYO].rpartition("/")[2]
    site.client("kms", region).put_key_policy(KeyId=key_id, PolicyName="default", Policy=site.ids[f"policy-{region}"])


def _standby(changes: Callable[[Site], dict[str, Any]]) -> Action:
    return lambda site: site.update_standby(**changes(site))


def _trigger_in(region: str, site: Site) -> dict[str, Any]:
    arn = site.standby_settings["LambdaConfig"]["PostAuthentication"]
    return {"LambdaConfig": {"PostAuthentication": arn.replace(VIRGINIA, region)}}


def _no_function(site: Site) -> dict[str, Any]:
    arn = site.standby_settings["LambdaConfig"]["PostAuthentication"]
    return {"LambdaConfig": {"PostAuthentication": arn.replace("after-sign-in", "gone")}}


def _sms_through_the_primary(site: Site) -> dict[str, Any]:
    return {"SmsConfiguration": {**site.standby_settings["SmsConfiguration"], "SnsRegion": TOKYO}}


def _permit(site: Site) -> None:
    site.client("lambda").add_permission(
        FunctionName="after-sign-in",
        StatementId="cognito",
        Action="lambda:InvokeFunction",
        Principal="cognito-idp.amazonaws.com",
        SourceArn=f"arn:aws:cognito-idp:{VIRGINIA}:123456789012:userpool/{site.pool_id}",
    )


def _firewall(operation: str, site: Site) -> None:
    named = {"WebACLArn": site.web_acls[VIRGINIA]} if operation == "associate_web_acl" else {}
    getattr(site.client("wafv2"), operation)(ResourceArn=site.pool(VIRGINIA)["Arn"], **named)


def _quota(site: Site, value: float, region: str) -> None:
    quotas = site.client("service-quotas", region)
    [quota] = quotas.list_service_quotas(ServiceCode="cognito-idp")["Quotas"]
    quotas.request_service_quota_increase(ServiceCode="cognito-idp", QuotaCode=quota["QuotaCode"], DesiredValue=value)


def _mail(enabled: bool, site: Site) -> None:
    site.client("sesv2").put_account_details(
        MailType="TRANSACTIONAL", WebsiteURL="https://example.com", ProductionAccessEnabled=enabled
    )


def _text_messages(site: Site, region: str, **attributes: str) -> None:
    site.client("sns", region).set_sms_attributes(attributes=attributes)


def _second_factor(required: str, site: Site) -> None:
    on = required != "OFF"
    _cognito(site).set_user_pool_mfa_config(
        UserPoolId=site.pool_id,
        MfaConfiguration=required,
        **({"SoftwareTokenMfaConfiguration": {"Enabled": True}} if on else {}),
    )


def _federated_client(site: Site) -> None:
    cognito = _cognito(site)
    cognito.create_identity_provider(
        UserPoolId=site.pool_id,
        ProviderName="Corporate",
        ProviderType="OIDC",
        ProviderDetails={
            "client_id": "us",
            "client_secret": "theirs",
            "oidc_issuer": "https://corporate.example.com",
            "authorize_scopes": "openid",
            "attributes_request_method": "GET",
        },
    )
    made = cognito.create_user_pool_client(
        UserPoolId=site.pool_id, ClientName="corporate", SupportedIdentityProviders=["Corporate"]
    )
    site.ids["client"] = made["UserPoolClient"]["ClientId"]


def _no_federated_client(site: Site) -> None:
    _cognito(site).delete_user_pool_client(UserPoolId=site.pool_id, ClientId=site.ids["client"])
    _cognito(site).delete_identity_provider(UserPoolId=site.pool_id, ProviderName="Corporate")


def _prefix(operation: str, site: Site) -> None:
    getattr(_cognito(site), operation)(Domain="users-of-example", UserPoolId=site.pool_id)


def _records(site: Site, **changes: Any) -> None:
    """Change all steering record sets; None takes a field away."""
    site.change_records(
        *(
            ("UPSERT", {name: value for name, value in {**each, **changes}.items() if value is not None})
            for each in site.steering()
        )
    )


def _other_target(site: Site, target: str) -> None:
    [record] = [each for each in site.steering() if each["Type"] == "CNAME" and each["SetIdentifier"] == VIRGINIA]
    site.change_records(("UPSERT", {**record, "ResourceRecords": [{"Value": target}]}))


def _with_checks(site: Site) -> None:
    checks = {TOKYO: site.ids["records"], VIRGINIA: site.ids["standby"]}
    site.change_records(
        *(("UPSERT", {**each, "HealthCheckId": checks[each["SetIdentifier"]]}) for each in site.steering())
    )


def _failover(site: Site, check: str) -> None:
    site.set_failover(SecondaryRegion=VIRGINIA, PrimaryRoute53HealthCheckId=site.ids[check])


def _domain_is_changing(site: Site) -> None:
    site.sandbox.control("PUT", "/settings", {"distributing_seconds": 3600})
    _failover(site, "domain")


def _domain_has_changed(site: Site) -> None:
    site.sandbox.control("PUT", "/settings", {"distributing_seconds": 0})


def _check(disabled: bool, site: Site) -> None:
    site.client("route53").update_health_check(HealthCheckId=site.ids["standby"], Disabled=disabled)


def _delegate(site: Site, servers: tuple[str, ...]) -> None:
    site.client("route53domains").update_domain_nameservers(
        DomainName=DOMAIN.partition(".")[2], Nameservers=[{"Name": each} for each in servers]
    )


def _accelerated(enabled: bool, site: Site) -> None:
    site.client("route53").update_hosted_zone_features(HostedZoneId=site.zone_id, EnableAcceleratedRecovery=enabled)


def _fault(site: Site, **fault: object) -> None:
    site.sandbox.control("PUT", "/faults/way", fault)


def _no_fault(site: Site) -> None:
    site.sandbox.control("DELETE", "/faults/way")


def _stack_policy(policy: str, site: Site) -> None:
    site.client("cloudformation").set_stack_policy(StackName=STACK, StackPolicyBody=policy)


def _password(site: Site, password: str) -> None:
    _cognito(site).admin_set_user_password(
        UserPoolId=site.pool_id, Username=site.set_up.canary.name, Password=password, Permanent=True
    )


def _its_password(site: Site) -> None:
    held = site.client("secretsmanager", TOKYO).get_secret_value(SecretId=site.secret_arns[TOKYO])
    _password(site, json.loads(held["SecretString"])["password"])


def _secret_text(site: Site, text: str) -> None:
    store, arn = site.client("secretsmanager", TOKYO), site.secret_arns[TOKYO]
    site.ids["text"] = store.get_secret_value(SecretId=arn)["SecretString"]
    store.put_secret_value(SecretId=arn, SecretString=text)


_SIGN_INS = frozenset({"canary-signs-in-primary", "canary-signs-in-standby"})
_TOKENS = frozenset({"tokens-alike", "keys-list-standby"})

WAYS = (
    Way(
        breaks="replica-active",
        besides=frozenset({"canary-signs-in-standby"}),
        hides=_TOKENS,
        break_=partial(_replica, "INACTIVE"),
        mend=partial(_replica, "ACTIVE"),
    ),
    *(
        Way(
            breaks=f"key-enabled-{side}",
            break_=partial(_key, "disable_key", region),
            mend=partial(_key, "enable_key", region),
        )
        for side, region in (("primary", TOKYO), ("standby", VIRGINIA))
    ),
    *(
        Way(
            breaks=f"key-policy-{side}",
            break_=partial(_forget_cognito, region),
            mend=partial(_remember_cognito, region),
        )
        for side, region in (("primary", TOKYO), ("standby", VIRGINIA))
    ),
    Way(
        breaks="email-alike",
        break_=_standby(lambda _site: {"EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"}}),
        mend=Site.update_standby,
    ),
    Way(breaks="sms-alike", break_=_standby(_sms_through_the_primary), mend=Site.update_standby),
    Way(breaks="tags-alike", break_=_standby(lambda _site: {"UserPoolTags": {}}), mend=Site.update_standby),
    Way(
        breaks="threat-email-alike",
        break_=lambda site: site.risk(VIRGINIA, sender="nobody@example.com"),
        mend=lambda site: site.risk(VIRGINIA),
    ),
    Way(
        breaks="risk-alike",
        break_=lambda site: site.risk(VIRGINIA, action="NO_ACTION"),
        mend=lambda site: site.risk(VIRGINIA),
    ),
    Way(
        breaks="logs-alike",
        break_=lambda site: site.logs(VIRGINIA),
        mend=lambda site: site.logs(VIRGINIA, "userNotification"),
    ),
    Way(
        breaks="waf-alike",
        break_=partial(_firewall, "disassociate_web_acl"),
        mend=partial(_firewall, "associate_web_acl"),
    ),
    Way(breaks="triggers-set", break_=_standby(lambda _site: {"LambdaConfig": {}}), mend=Site.update_standby),
    Way(breaks="triggers-in-region", break_=_standby(partial(_trigger_in, TOKYO)), mend=Site.update_standby),
    Way(
        breaks="triggers-exist",
        besides=frozenset({"triggers-permitted"}),
        break_=_standby(_no_function),
        mend=Site.update_standby,
    ),
    Way(
        breaks="triggers-permitted",
        break_=lambda site: site.client("lambda").remove_permission(
            FunctionName="after-sign-in", StatementId="cognito"
        ),
        mend=_permit,
    ),
    Way(
        breaks="quota-sign-in",
        break_=lambda site: _quota(site, 200, TOKYO),
        mend=lambda site: _quota(site, 200, VIRGINIA),
    ),
    Way(breaks="ses-sandbox", break_=partial(_mail, False), mend=partial(_mail, True)),
    Way(
        breaks="sms-sandbox",
        break_=lambda site: _text_messages(site, VIRGINIA, SandboxIsIn="true"),
        mend=lambda site: _text_messages(site, VIRGINIA, SandboxIsIn="false"),
    ),
    Way(
        breaks="sms-spend-limit",
        break_=lambda site: _text_messages(site, TOKYO, MonthlySpendLimit="100"),
        mend=lambda site: _text_messages(site, TOKYO, MonthlySpendLimit="1"),
    ),
    Way(
        breaks="totp-required",
        besides=frozenset({"totp-users"}),
        break_=partial(_second_factor, "ON"),
        mend=partial(_second_factor, "OFF"),
    ),
    Way(breaks="totp-users", break_=partial(_second_factor, "OPTIONAL"), mend=partial(_second_factor, "OFF")),
    Way(breaks="federated-only", break_=_federated_client, mend=_no_federated_client),
    Way(
        breaks="prefix-domain",
        break_=partial(_prefix, "create_user_pool_domain"),
        mend=partial(_prefix, "delete_user_pool_domain"),
    ),
    Way(breaks="domain-active", break_=_domain_is_changing, mend=_domain_has_changed),
    Way(
        breaks="domain-failover",
        break_=lambda site: _failover(site, "standby"),
        mend=lambda site: _failover(site, "domain"),
    ),
    Way(
        breaks="records-understood",
        hides=frozenset({"records-ttl", "latch-records-attached", "name-servers-alike"}),
        break_=lambda site: _other_target(site, "elsewhere.example.com"),
        mend=lambda site: _other_target(site, site.set_up.targets[VIRGINIA]),
    ),
    Way(
        breaks="records-ttl",
        break_=lambda site: _records(site, TTL=300),
        mend=lambda site: _records(site, TTL=60),
    ),
    Way(
        breaks="latch-records-attached",
        break_=lambda site: _records(site, HealthCheckId=None),
        mend=_with_checks,
    ),
    Way(breaks="checks-exist", break_=partial(_check, True), mend=partial(_check, False)),
    Way(
        breaks="zone-delegated",
        break_=lambda site: _delegate(site, ("ns1.elsewhere.example", *site.set_up.zone.name_servers[:3])),
        mend=lambda site: _delegate(site, site.set_up.zone.name_servers),
    ),
    Way(
        breaks="name-servers-alike",
        break_=lambda site: _fault(site, service="name-servers", effect="hang", from_region=VIRGINIA),
        mend=_no_fault,
    ),
    Way(breaks="accelerated-recovery", break_=partial(_accelerated, False), mend=partial(_accelerated, True)),
    Way(
        breaks="latch-readers",
        break_=lambda site: site.bucket_policy(site.checker_ranges()[1:]),
        mend=lambda site: site.bucket_policy(site.checker_ranges()),
    ),
    Way(
        breaks="stack-policy",
        break_=partial(_stack_policy, stack_policy("Allow")),
        mend=partial(_stack_policy, stack_policy("Deny")),
    ),
    Way(
        breaks="keys-served",
        hides=frozenset({"keys-list-standby", "keys-served-standby"}),
        break_=lambda site: _fault(
            site, service="issuer-cognito-idp", region=TOKYO, effect="error", code="NotFound", status=404
        ),
        mend=_no_fault,
    ),
    Way(
        breaks="keys-kept",
        break_=lambda site: site.keep_keys(age_seconds=11_000),
        mend=Site.keep_keys,
    ),
    Way(
        breaks="canary-signs-in-primary",
        besides=_SIGN_INS,
        hides=_TOKENS,
        break_=lambda site: _password(site, "Another-one-1!"),
        mend=_its_password,
    ),
    Way(
        breaks="secret-readable",
        hides=_SIGN_INS | _TOKENS | {"canary-second-factor"},
        break_=lambda site: _secret_text(site, "no object"),
        mend=lambda site: _secret_text(site, site.ids["text"]),
    ),
)
