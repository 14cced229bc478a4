"""Readings of what stands around the pool in each Region: functions, mail, messages, web ACLs, quotas."""

import json

from botocore.exceptions import ClientError

from failover.preflight.facts import Document, Facts, UnreadError
from failover.preflight.reading.pool import code_of, pool
from failover.region import Side

SIGN_IN_QUOTA = "Rate of UserAuthentication requests"
"""Service Quotas' name of it."""


def function(facts: Facts, arn: str) -> Document | None:
    """Return a Lambda function's configuration; None where there is no such function."""
    client = facts.site.client("lambda", arn.split(":")[3])
    try:
        found: Document = client.get_function_configuration(FunctionName=arn)
    except client.exceptions.ResourceNotFoundException:
        return None
    return found


def function_policy(facts: Facts, arn: str) -> tuple[Document, ...]:
    """Return the statements by which others may invoke a function."""
    client = facts.site.client("lambda", arn.split(":")[3])
    try:
        policy = json.loads(client.get_policy(FunctionName=arn)["Policy"])
    except client.exceptions.ResourceNotFoundException:
        return ()
    return tuple(policy["Statement"])


def web_acl(facts: Facts, side: Side) -> str:
    """Return the name of the web ACL in front of the pool in a Region; empty where there is none."""
    client = facts.site.client("wafv2", facts.settings.regions[side])
    try:
        found = client.get_web_acl_for_resource(ResourceArn=facts(pool, side)["Arn"])
    except ClientError as error:
        if code_of(error) == "WAFNonexistentItemException":
            return ""
        raise
    return str(found.get("WebACL", {}).get("Name", ""))


def sign_in_quota(facts: Facts, side: Side) -> float:
    """Return how many sign-ins a second a Region allows the account."""
    region = facts.settings.regions[side]
    pages = (
        facts.site.client("service-quotas", region)
        .get_paginator("list_service_quotas")
        .paginate(ServiceCode="cognito-idp")
    )
    found = [quota["Value"] for page in pages for quota in page["Quotas"] if quota["QuotaName"] == SIGN_IN_QUOTA]
    if not found:
        raise UnreadError(f"Service Quotas in {region} lists no quota {SIGN_IN_QUOTA!r} of Cognito.")
    return float(found[0])


def mail_account(facts: Facts, side: Side) -> Document:
    """Return how the account may send mail in a Region."""
    found: Document = facts.site.client("sesv2", facts.settings.regions[side]).get_account()
    return found


def text_messages_in_sandbox(facts: Facts, region: str) -> bool:
    """Tell whether text messages from a Region go only to numbers that were verified."""
    return bool(facts.site.client("sns", region).get_sms_sandbox_account_status()["IsInSandbox"])


def text_message_limit(facts: Facts, region: str) -> float:
    """Return what the account may spend on text messages in a month, in dollars."""
    found = facts.site.client("sns", region).get_sms_attributes(attributes=["MonthlySpendLimit"])["attributes"]
    return float(found.get("MonthlySpendLimit", 1))  # SNS's own limit until one is set


def certificate(facts: Facts, arn: str) -> Document:
    """Return a certificate, described."""
    found: Document = facts.site.client("acm", arn.split(":")[3]).describe_certificate(CertificateArn=arn)
    described: Document = found["Certificate"]
    return described


def stack_policy(facts: Facts) -> str:
    """Return the stack policy of the controller's stack; empty where it has none."""
    client = facts.site.client("cloudformation", facts.settings.standby_region)
    return str(client.get_stack_policy(StackName=facts.settings.stack_id).get("StackPolicyBody") or "")
