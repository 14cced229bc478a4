"""Readers of services around the pool in each Region: functions, e-mail, SMS, web ACLs and quotas."""

import json
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from cognito_failover.common.region import RegionRole
from cognito_failover.preflight.facts import ServiceResponse, Snapshot
from cognito_failover.preflight.readers.pool import get_cognito_client, get_error_code, read_pool

_SIGN_IN_LIMIT = {"LimitClass": "API_CATEGORY", "Attributes": {"Category": "UserAuthentication"}}


def read_function(snapshot: Snapshot, arn: str) -> ServiceResponse | None:
    """Return a Lambda function's configuration, or None if the function does not exist."""
    client = snapshot.context.get_client("lambda", arn.split(":")[3])
    try:
        configuration: ServiceResponse = client.get_function_configuration(FunctionName=arn)
    except client.exceptions.ResourceNotFoundException:
        return None
    return configuration


def read_function_policy(snapshot: Snapshot, arn: str) -> tuple[ServiceResponse, ...]:
    """Return the statements of a function's resource policy. Empty without one."""
    client = snapshot.context.get_client("lambda", arn.split(":")[3])
    try:
        policy = json.loads(client.get_policy(FunctionName=arn)["Policy"])
    except client.exceptions.ResourceNotFoundException:
        return ()
    return tuple(policy["Statement"])


def read_average_duration(snapshot: Snapshot, arn: str) -> float:
    """Return the average duration of a Lambda function in the last day, in seconds. 0 without an invocation."""
    region, name = arn.split(":")[3], arn.split(":")[6]
    now = datetime.fromtimestamp(snapshot.now, UTC)
    response: ServiceResponse = snapshot.context.get_client("cloudwatch", region).get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Duration",
        Dimensions=[{"Name": "FunctionName", "Value": name}],
        StartTime=now - timedelta(days=1),
        EndTime=now,
        Period=86_400,
        Statistics=["Average"],
    )
    return max((point["Average"] / 1000 for point in response["Datapoints"]), default=0.0)


def read_web_acl_name(snapshot: Snapshot, role: RegionRole) -> str:
    """Return the name of the pool's web ACL in a Region. Empty without one."""
    client = snapshot.context.get_client("wafv2", snapshot.settings.regions[role])
    try:
        response = client.get_web_acl_for_resource(ResourceArn=snapshot.read(read_pool, role)["Arn"])
    except ClientError as error:
        if get_error_code(error) == "WAFNonexistentItemException":
            return ""
        raise
    return str(response.get("WebACL", {}).get("Name", ""))


def read_sign_in_limit(snapshot: Snapshot, role: RegionRole) -> int:
    """Return the sign-ins per second that Cognito enforces for the account in a Region. The quota may be larger."""
    response = get_cognito_client(snapshot, role).get_provisioned_limit(LimitDefinition=_SIGN_IN_LIMIT)
    return int(response["Limit"]["ProvisionedLimitValue"])


def read_ses_account(snapshot: Snapshot, role: RegionRole) -> ServiceResponse:
    """Return the account's SES settings in a Region."""
    account: ServiceResponse = snapshot.context.get_client("sesv2", snapshot.settings.regions[role]).get_account()
    return account


def is_sms_sandboxed(snapshot: Snapshot, region: str) -> bool:
    """Return whether SNS in a Region sends text messages only to verified numbers."""
    return bool(snapshot.context.get_client("sns", region).get_sms_sandbox_account_status()["IsInSandbox"])


def read_sms_spend_limit(snapshot: Snapshot, region: str) -> float:
    """Return the account's monthly spending limit for text messages, in US dollars."""
    attributes = snapshot.context.get_client("sns", region).get_sms_attributes(attributes=["MonthlySpendLimit"])[
        "attributes"
    ]
    return float(attributes.get("MonthlySpendLimit", 1))  # SNS's default limit


def list_subscriptions(snapshot: Snapshot) -> tuple[ServiceResponse, ...]:
    """Return the subscriptions of the topic of notifications."""
    client = snapshot.context.get_client("sns", snapshot.settings.standby_region)
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=snapshot.settings.topic_arn)
    return tuple(subscription for page in pages for subscription in page["Subscriptions"])


def read_certificate(snapshot: Snapshot, arn: str) -> ServiceResponse:
    """Return the description of a certificate."""
    response: ServiceResponse = snapshot.context.get_client("acm", arn.split(":")[3]).describe_certificate(
        CertificateArn=arn
    )
    description: ServiceResponse = response["Certificate"]
    return description


def read_stack_policy(snapshot: Snapshot) -> ServiceResponse:
    """Return the stack policy of the controller's stack. Empty without one."""
    client = snapshot.context.get_client("cloudformation", snapshot.settings.standby_region)
    body = client.get_stack_policy(StackName=snapshot.settings.stack_id).get("StackPolicyBody")
    policy: ServiceResponse = json.loads(body or "{}")
    return policy
