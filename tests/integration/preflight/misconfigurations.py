"""Misconfigurations of a healthy site: how to apply and revert each, and which checks it affects."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from cognito_failover.routing.latch.stack_policy import PROTECTED_POLICY, UNPROTECTED_POLICY
from tests.integration.preflight.healthy_site import (
    DOMAIN,
    STACK,
    TOKYO,
    VIRGINIA,
    HealthySite,
)

type SiteChange = Callable[[HealthySite], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Misconfiguration:
    """One misconfiguration.

    Attributes
    ----------
    failing_check
        The check that detects it.
    apply, revert
        Functions that apply and revert it.
    also_failing
        Other checks that fail, too.
    unknown_checks
        Checks that are unknown during the misconfiguration.

    """

    failing_check: str
    apply: SiteChange
    revert: SiteChange
    also_failing: frozenset[str] = frozenset()
    unknown_checks: frozenset[str] = frozenset()

    @contextmanager
    def apply_temporarily(self, site: HealthySite) -> Iterator[None]:
        """Apply the misconfiguration for the duration of the context."""
        self.apply(site)
        try:
            yield
        finally:
            self.revert(site)


def _get_cognito_client(site: HealthySite, region: str = TOKYO) -> Any:
    return site.client("cognito-idp", region)


def _set_replica_status(status: str, site: HealthySite) -> None:
    _get_cognito_client(site).update_user_pool_replica(UserPoolId=site.pool_id, RegionName=VIRGINIA, Status=status)


def _change_key(operation: str, region: str, site: HealthySite) -> None:
    key_id = site.set_up.key_arns[TOKYO].rpartition("/")[2]
    getattr(site.client("kms", region), operation)(KeyId=key_id)


def _remove_cognito_from_key(region: str, site: HealthySite) -> None:
    kms, key_id = site.client("kms", region), site.set_up.key_arns[TOKYO].rpartition("/")[2]
    policy = json.loads(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])
    site.ids[f"policy-{region}"] = json.dumps(policy)
    policy["Statement"] = [each for each in policy["Statement"] if "cognito" not in json.dumps(each)]
    kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(policy))


def _restore_cognito_to_key(region: str, site: HealthySite) -> None:
    key_id = site.set_up.key_arns[TOKYO].rpartition("/")[2]
    site.client("kms", region).put_key_policy(KeyId=key_id, PolicyName="default", Policy=site.ids[f"policy-{region}"])


def _change_standby(changes: Callable[[HealthySite], dict[str, Any]]) -> SiteChange:
    return lambda site: site.update_standby(**changes(site))


def _set_slow_trigger(site: HealthySite) -> dict[str, Any]:
    duration = {
        "MetricName": "Duration",
        "Dimensions": [{"Name": "FunctionName", "Value": "slow"}],
        "Value": 2900,
        "Unit": "Milliseconds",
    }
    site.client("cloudwatch").put_metric_data(Namespace="AWS/Lambda", MetricData=[duration])
    return {"LambdaConfig": {"PostAuthentication": f"arn:aws:lambda:{VIRGINIA}:123456789012:function:slow"}}


def _set_trigger_in(region: str, site: HealthySite) -> dict[str, Any]:
    arn = site.standby_settings["LambdaConfig"]["PostAuthentication"]
    return {"LambdaConfig": {"PostAuthentication": arn.replace(VIRGINIA, region)}}


def _delete_function(site: HealthySite) -> dict[str, Any]:
    arn = site.standby_settings["LambdaConfig"]["PostAuthentication"]
    return {"LambdaConfig": {"PostAuthentication": arn.replace("after-sign-in", "gone")}}


def _send_sms_from_primary(site: HealthySite) -> dict[str, Any]:
    return {"SmsConfiguration": {**site.standby_settings["SmsConfiguration"], "SnsRegion": TOKYO}}


def _allow_invoke(site: HealthySite) -> None:
    site.client("lambda").add_permission(
        FunctionName="after-sign-in",
        StatementId="cognito",
        Action="lambda:InvokeFunction",
        Principal="cognito-idp.amazonaws.com",
        SourceArn=f"arn:aws:cognito-idp:{VIRGINIA}:123456789012:userpool/{site.pool_id}",
    )


def _change_web_acl(operation: str, site: HealthySite) -> None:
    arguments = {"WebACLArn": site.web_acls[VIRGINIA]} if operation == "associate_web_acl" else {}
    getattr(site.client("wafv2"), operation)(ResourceArn=site.describe_pool(VIRGINIA)["Arn"], **arguments)


def _raise_sign_in_limit(site: HealthySite, value: int, region: str, *, quota_only: bool = False) -> None:
    quotas = site.client("service-quotas", region)
    [quota] = quotas.list_service_quotas(ServiceCode="cognito-idp")["Quotas"]
    if quota["Value"] < value:
        code = quota["QuotaCode"]
        quotas.request_service_quota_increase(ServiceCode="cognito-idp", QuotaCode=code, DesiredValue=value)
    if not quota_only:
        definition = {"LimitClass": "API_CATEGORY", "Attributes": {"Category": "UserAuthentication"}}
        _get_cognito_client(site, region).update_provisioned_limit(
            LimitDefinition=definition, RequestedLimitValue=value
        )


def _raise_limit_of_primary_only(site: HealthySite) -> None:
    """Raise the quota in both Regions, and what is enforced in the primary only."""
    _raise_sign_in_limit(site, 200, TOKYO)
    _raise_sign_in_limit(site, 200, VIRGINIA, quota_only=True)


def _set_email_sending(enabled: bool, site: HealthySite) -> None:
    site.client("sesv2").put_account_details(
        MailType="TRANSACTIONAL", WebsiteURL="https://example.com", ProductionAccessEnabled=enabled
    )


def _set_sms_attributes(site: HealthySite, region: str, **attributes: str) -> None:
    site.client("sns", region).set_sms_attributes(attributes=attributes)


def _set_mfa_mode(mode: str, site: HealthySite) -> None:
    _get_cognito_client(site).set_user_pool_mfa_config(
        UserPoolId=site.pool_id,
        MfaConfiguration=mode,
        **({} if mode == "OFF" else {"SoftwareTokenMfaConfiguration": {"Enabled": True}}),
    )


def _add_federated_client(site: HealthySite) -> None:
    cognito = _get_cognito_client(site)
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
    created = cognito.create_user_pool_client(
        UserPoolId=site.pool_id, ClientName="corporate", SupportedIdentityProviders=["Corporate"]
    )
    site.ids["client"] = created["UserPoolClient"]["ClientId"]


def _remove_federated_client(site: HealthySite) -> None:
    _get_cognito_client(site).delete_user_pool_client(UserPoolId=site.pool_id, ClientId=site.ids["client"])
    _get_cognito_client(site).delete_identity_provider(UserPoolId=site.pool_id, ProviderName="Corporate")


def _change_prefix_domain(operation: str, site: HealthySite) -> None:
    getattr(_get_cognito_client(site), operation)(Domain="users-of-example", UserPoolId=site.pool_id)


def _edit_records(site: HealthySite, **changes: Any) -> None:
    """Change fields of all weighted record sets. None removes a field."""
    site.change_records(
        *(
            ("UPSERT", {name: value for name, value in {**each, **changes}.items() if value is not None})
            for each in site.list_traffic_records()
        )
    )


def _set_target(site: HealthySite, target: str) -> None:
    [record] = [
        each for each in site.list_traffic_records() if each["Type"] == "CNAME" and each["SetIdentifier"] == VIRGINIA
    ]
    site.change_records(("UPSERT", {**record, "ResourceRecords": [{"Value": target}]}))


def attach_health_checks(site: HealthySite) -> None:
    checks = {TOKYO: site.ids["records"], VIRGINIA: site.ids["standby"]}
    site.change_records(
        *(("UPSERT", {**each, "HealthCheckId": checks[each["SetIdentifier"]]}) for each in site.list_traffic_records())
    )


def _set_domain_failover(site: HealthySite, check: str) -> None:
    site.set_failover(SecondaryRegion=VIRGINIA, PrimaryRoute53HealthCheckId=site.ids[check])


def _start_domain_change(site: HealthySite) -> None:
    site.sandbox.call_control("PUT", "/settings", {"distributing_seconds": 3600})
    _set_domain_failover(site, "domain")


def _finish_domain_change(site: HealthySite) -> None:
    site.sandbox.call_control("PUT", "/settings", {"distributing_seconds": 0})


def _set_health_check(disabled: bool, site: HealthySite) -> None:
    site.client("route53").update_health_check(HealthCheckId=site.ids["standby"], Disabled=disabled)


def _create_check(site: HealthySite, **config: Any) -> str:
    settings = {"Type": "TCP", "FullyQualifiedDomainName": site.set_up.targets[VIRGINIA], "Port": 443, **config}
    created = site.client("route53").create_health_check(CallerReference=str(uuid4()), HealthCheckConfig=settings)
    return str(created["HealthCheck"]["Id"])


def _set_standby_record_check(site: HealthySite, check_id: str) -> None:
    [record] = [each for each in site.list_traffic_records() if (each["Type"], each["Weight"]) == ("CNAME", 0)]
    site.change_records(("UPSERT", {**record, "HealthCheckId": check_id}))


def delete_check_of_standby_record(site: HealthySite) -> str:
    """Give the standby's record a health check, delete the check, and return its id."""
    check_id = _create_check(site)
    _set_standby_record_check(site, check_id)
    site.client("route53").delete_health_check(HealthCheckId=check_id)
    return check_id


def _set_disabled_inverted_check_on_standby_record(site: HealthySite) -> None:
    _set_standby_record_check(site, _create_check(site, Disabled=True, Inverted=True))


def _set_inversion_of_latch_check(inverted: bool, site: HealthySite) -> None:
    site.client("route53").update_health_check(HealthCheckId=site.ids["records"], Inverted=inverted)


def lock_health_checkers_out(site: HealthySite) -> None:
    _inject_fault(site, service="target", region=VIRGINIA, effect="refuse")
    site.wait_for_reports("Failure", "standby")


def admit_health_checkers(site: HealthySite) -> None:
    _clear_fault(site)
    site.wait_for_reports("Success", "standby")


def set_delegation(site: HealthySite, servers: Iterable[str], glue: Mapping[str, str] = MappingProxyType({})) -> None:
    """Delegate the zone to these name servers. Those below the zone need an address as glue."""
    name_servers = [{"Name": each, **({"GlueIps": [glue[each]]} if each in glue else {})} for each in servers]
    site.client("route53domains").update_domain_nameservers(
        DomainName=DOMAIN.partition(".")[2], Nameservers=name_servers
    )


def _set_accelerated_recovery(enabled: bool, site: HealthySite) -> None:
    site.client("route53").update_hosted_zone_features(HostedZoneId=site.zone_id, EnableAcceleratedRecovery=enabled)


def _inject_fault(site: HealthySite, **fault: object) -> None:
    site.sandbox.call_control("PUT", "/faults/misconfiguration", fault)


def _clear_fault(site: HealthySite) -> None:
    site.sandbox.call_control("DELETE", "/faults/misconfiguration")


def _set_stack_policy(policy: Mapping[str, Any], site: HealthySite) -> None:
    site.client("cloudformation").set_stack_policy(StackName=STACK, StackPolicyBody=json.dumps(policy))


def _end_subscription(site: HealthySite) -> None:
    site.client("sns").unsubscribe(SubscriptionArn=site.subscribe())


def _leave_subscription_pending(site: HealthySite) -> None:
    _end_subscription(site)
    site.subscribe()


def _set_password(site: HealthySite, password: str) -> None:
    _get_cognito_client(site).admin_set_user_password(
        UserPoolId=site.pool_id, Username=site.set_up.canary.name, Password=password, Permanent=True
    )


def _restore_password(site: HealthySite) -> None:
    secret = site.client("secretsmanager", TOKYO).get_secret_value(SecretId=site.secret_arns[TOKYO])
    _set_password(site, json.loads(secret["SecretString"])["password"])


def _write_secret_text(site: HealthySite, text: str) -> None:
    client, arn = site.client("secretsmanager", TOKYO), site.secret_arns[TOKYO]
    site.ids["text"] = client.get_secret_value(SecretId=arn)["SecretString"]
    client.put_secret_value(SecretId=arn, SecretString=text)


_SIGN_INS = frozenset({"canary-signs-in-primary", "canary-signs-in-standby"})
_TOKENS = frozenset({"tokens-alike", "keys-list-standby"})

MISCONFIGURATIONS = (
    Misconfiguration(
        failing_check="replica-active",
        also_failing=frozenset({"canary-signs-in-standby"}),
        unknown_checks=_TOKENS,
        apply=partial(_set_replica_status, "INACTIVE"),
        revert=partial(_set_replica_status, "ACTIVE"),
    ),
    *(
        Misconfiguration(
            failing_check=f"key-enabled-{role}",
            apply=partial(_change_key, "disable_key", region),
            revert=partial(_change_key, "enable_key", region),
        )
        for role, region in (("primary", TOKYO), ("standby", VIRGINIA))
    ),
    *(
        Misconfiguration(
            failing_check=f"key-policy-{role}",
            apply=partial(_remove_cognito_from_key, region),
            revert=partial(_restore_cognito_to_key, region),
        )
        for role, region in (("primary", TOKYO), ("standby", VIRGINIA))
    ),
    Misconfiguration(
        failing_check="email-alike",
        apply=_change_standby(lambda _site: {"EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"}}),
        revert=HealthySite.update_standby,
    ),
    Misconfiguration(
        failing_check="sms-alike", apply=_change_standby(_send_sms_from_primary), revert=HealthySite.update_standby
    ),
    Misconfiguration(
        failing_check="tags-alike",
        apply=_change_standby(lambda _site: {"UserPoolTags": {}}),
        revert=HealthySite.update_standby,
    ),
    Misconfiguration(
        failing_check="threat-email-alike",
        apply=lambda site: site.set_risk_configuration(VIRGINIA, sender="other@example.com"),
        revert=lambda site: site.set_risk_configuration(VIRGINIA),
    ),
    Misconfiguration(
        failing_check="risk-alike",
        apply=lambda site: site.set_risk_configuration(VIRGINIA, action="NO_ACTION"),
        revert=lambda site: site.set_risk_configuration(VIRGINIA),
    ),
    Misconfiguration(
        failing_check="logs-alike",
        apply=lambda site: site.enable_logs(VIRGINIA),
        revert=lambda site: site.enable_logs(VIRGINIA, "userNotification"),
    ),
    Misconfiguration(
        failing_check="waf-alike",
        apply=partial(_change_web_acl, "disassociate_web_acl"),
        revert=partial(_change_web_acl, "associate_web_acl"),
    ),
    Misconfiguration(
        failing_check="triggers-set",
        apply=_change_standby(lambda _site: {"LambdaConfig": {}}),
        revert=HealthySite.update_standby,
    ),
    Misconfiguration(
        failing_check="triggers-in-region",
        apply=_change_standby(partial(_set_trigger_in, TOKYO)),
        revert=HealthySite.update_standby,
    ),
    Misconfiguration(
        failing_check="triggers-exist",
        also_failing=frozenset({"triggers-permitted"}),
        apply=_change_standby(_delete_function),
        revert=HealthySite.update_standby,
    ),
    Misconfiguration(
        failing_check="triggers-permitted",
        apply=lambda site: site.client("lambda").remove_permission(FunctionName="after-sign-in", StatementId="cognito"),
        revert=_allow_invoke,
    ),
    Misconfiguration(
        failing_check="triggers-quick",
        also_failing=frozenset({"triggers-exist", "triggers-permitted"}),
        apply=_change_standby(_set_slow_trigger),
        revert=HealthySite.update_standby,
    ),
    Misconfiguration(
        failing_check="quota-sign-in",
        apply=_raise_limit_of_primary_only,
        revert=lambda site: _raise_sign_in_limit(site, 200, VIRGINIA),
    ),
    Misconfiguration(
        failing_check="ses-sandbox", apply=partial(_set_email_sending, False), revert=partial(_set_email_sending, True)
    ),
    Misconfiguration(
        failing_check="sms-sandbox",
        apply=lambda site: _set_sms_attributes(site, VIRGINIA, SandboxIsIn="true"),
        revert=lambda site: _set_sms_attributes(site, VIRGINIA, SandboxIsIn="false"),
    ),
    Misconfiguration(
        failing_check="sms-spend-limit",
        apply=lambda site: _set_sms_attributes(site, TOKYO, MonthlySpendLimit="100"),
        revert=lambda site: _set_sms_attributes(site, TOKYO, MonthlySpendLimit="1"),
    ),
    Misconfiguration(
        failing_check="totp-required",
        also_failing=_SIGN_INS | {"totp-users"},
        unknown_checks=_TOKENS,
        apply=partial(_set_mfa_mode, "ON"),
        revert=partial(_set_mfa_mode, "OFF"),
    ),
    Misconfiguration(
        failing_check="totp-users",
        apply=partial(_set_mfa_mode, "OPTIONAL"),
        revert=partial(_set_mfa_mode, "OFF"),
    ),
    Misconfiguration(failing_check="federated-only", apply=_add_federated_client, revert=_remove_federated_client),
    Misconfiguration(
        failing_check="prefix-domain",
        apply=partial(_change_prefix_domain, "create_user_pool_domain"),
        revert=partial(_change_prefix_domain, "delete_user_pool_domain"),
    ),
    Misconfiguration(failing_check="domain-active", apply=_start_domain_change, revert=_finish_domain_change),
    Misconfiguration(
        failing_check="domain-failover",
        apply=lambda site: _set_domain_failover(site, "standby"),
        revert=lambda site: _set_domain_failover(site, "domain"),
    ),
    Misconfiguration(
        failing_check="records-understood",
        unknown_checks=frozenset({"records-ttl", "latch-records-attached", "name-servers-alike"}),
        apply=lambda site: _set_target(site, "elsewhere.example.com"),
        revert=lambda site: _set_target(site, site.set_up.targets[VIRGINIA]),
    ),
    Misconfiguration(
        failing_check="records-ttl",
        apply=lambda site: _edit_records(site, TTL=300),
        revert=lambda site: _edit_records(site, TTL=60),
    ),
    Misconfiguration(
        failing_check="latch-records-attached",
        apply=lambda site: _edit_records(site, HealthCheckId=None),
        revert=attach_health_checks,
    ),
    Misconfiguration(
        failing_check="checks-exist", apply=partial(_set_health_check, True), revert=partial(_set_health_check, False)
    ),
    Misconfiguration(
        failing_check="checks-exist",
        also_failing=frozenset({"latch-records-attached"}),
        apply=delete_check_of_standby_record,
        revert=attach_health_checks,
    ),
    Misconfiguration(
        failing_check="checks-exist",
        also_failing=frozenset({"checks-healthy", "latch-records-attached"}),
        apply=_set_disabled_inverted_check_on_standby_record,
        revert=attach_health_checks,
    ),
    Misconfiguration(failing_check="checks-healthy", apply=lock_health_checkers_out, revert=admit_health_checkers),
    Misconfiguration(
        failing_check="zone-delegated",
        apply=lambda site: set_delegation(site, ("ns1.elsewhere.example", *site.set_up.zone.name_servers[:3])),
        revert=lambda site: set_delegation(site, site.set_up.zone.name_servers),
    ),
    Misconfiguration(
        failing_check="name-servers-alike",
        apply=lambda site: _inject_fault(site, service="name-servers", effect="hang", from_region=VIRGINIA),
        revert=_clear_fault,
    ),
    Misconfiguration(
        failing_check="accelerated-recovery",
        apply=partial(_set_accelerated_recovery, False),
        revert=partial(_set_accelerated_recovery, True),
    ),
    Misconfiguration(
        failing_check="latch-readers",
        apply=lambda site: site.set_bucket_policy(site.list_checker_ranges()[1:]),
        revert=lambda site: site.set_bucket_policy(site.list_checker_ranges()),
    ),
    Misconfiguration(
        failing_check="stack-policy",
        apply=partial(_set_stack_policy, UNPROTECTED_POLICY),
        revert=partial(_set_stack_policy, PROTECTED_POLICY),
    ),
    Misconfiguration(
        failing_check="notifications-subscribed",
        apply=_leave_subscription_pending,
        revert=HealthySite.confirm_subscription,
    ),
    Misconfiguration(
        failing_check="notifications-subscribed",
        apply=_end_subscription,
        revert=HealthySite.confirm_subscription,
    ),
    Misconfiguration(
        failing_check="keys-served",
        unknown_checks=frozenset({"keys-list-standby", "keys-served-standby"}),
        apply=lambda site: _inject_fault(
            site, service="issuer-cognito-idp", region=TOKYO, effect="error", code="NotFound", status=404
        ),
        revert=_clear_fault,
    ),
    Misconfiguration(
        failing_check="keys-kept",
        apply=lambda site: site.save_key_set(age_seconds=11_000),
        revert=HealthySite.save_key_set,
    ),
    Misconfiguration(
        failing_check="canary-signs-in-primary",
        also_failing=_SIGN_INS,
        unknown_checks=_TOKENS,
        apply=lambda site: _set_password(site, "Another-one-1!"),
        revert=_restore_password,
    ),
    Misconfiguration(
        failing_check="secret-readable",
        unknown_checks=_SIGN_INS | _TOKENS | {"canary-second-factor"},
        apply=lambda site: _write_secret_text(site, "no object"),
        revert=lambda site: _write_secret_text(site, site.ids["text"]),
    ),
)
