"""Alarms in stacks: metric math, composites, notifications and rejected properties."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.client import SandboxClient
from tests.support import load_scaling

REGION = "us-east-1"
STACK = "alarms"


def build_math_alarm(**properties: Any) -> dict[str, Any]:
    def build_query(name: str) -> dict[str, Any]:
        stat = {"Metric": {"Namespace": "Shop", "MetricName": name}, "Period": "60", "Stat": "Sum"}
        return {"Id": name.lower(), "MetricStat": stat, "ReturnData": "false"}

    usual = {
        "AlarmName": f"{STACK}-ratio",
        "Metrics": [{"Id": "ratio", "Expression": "errors / calls"}, build_query("Errors"), build_query("Calls")],
        "EvaluationPeriods": 1,
        "Threshold": "0.5",
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {**usual, **properties}}


def build_template(composite_rule: object, *, dashboard: str = '{"widgets": []}', **alarm: Any) -> str:
    composite = {
        "AlarmName": f"{STACK}-composite",
        "AlarmRule": composite_rule,
        "AlarmActions": [{"Ref": "Topic"}],
        "OKActions": [{"Ref": "Topic"}],
    }
    resources = {
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Ratio": build_math_alarm(**alarm),
        "Composite": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": composite},
        "Dashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {"DashboardName": STACK, "DashboardBody": dashboard},
        },
    }
    return json.dumps({"Resources": resources, "Outputs": {"Topic": {"Value": {"Ref": "Topic"}}}})


def publish(sandbox: SandboxClient, **values: float) -> None:
    """Publish values in the minute that has just ended."""
    at = datetime.fromtimestamp(time.time() // 60 * 60 - 30, UTC)
    data = [{"MetricName": name, "Value": value, "Timestamp": at} for name, value in values.items()]
    sandbox.client("cloudwatch", REGION).put_metric_data(Namespace="Shop", MetricData=data)


def read_states(sandbox: SandboxClient) -> dict[str, str]:
    answer = sandbox.client("cloudwatch", REGION).describe_alarms(
        AlarmNamePrefix=STACK, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in (*answer["MetricAlarms"], *answer["CompositeAlarms"])}


def test_stack_alarms_composite_follows_metric_alarm_and_notifies(sandbox: SandboxClient) -> None:
    cloudformation, queues = sandbox.client("cloudformation", REGION), sandbox.client("sqs", REGION)
    rule = {"Fn::Sub": "ALARM(${Ratio})"}
    cloudformation.create_stack(StackName=STACK, TemplateBody=build_template(rule))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    [topic] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    queue = queues.create_queue(QueueName=STACK)["QueueUrl"]
    queue_arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    queues.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    sandbox.client("sns", REGION).subscribe(TopicArn=topic["OutputValue"], Protocol="sqs", Endpoint=queue_arn)

    publish(sandbox, Errors=9, Calls=10)

    assert read_states(sandbox) == {f"{STACK}-ratio": "ALARM", f"{STACK}-composite": "ALARM"}
    [told] = queues.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert json.loads(json.loads(told["Body"])["Message"])["AlarmName"] == f"{STACK}-composite"

    publish(sandbox, Calls=90)
    assert set(read_states(sandbox).values()) == {"OK"}

    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    assert read_states(sandbox) == {}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (build_template({"Fn::Sub": "ALARM(nobody-${Ratio})"}), "do not exist"),
        (build_template(f"ALARM({STACK}-ratio)", Metrics=[{"Id": "a", "Expression": "b"}]), "Undefined variable b"),
        (
            build_template(f"ALARM({STACK}-ratio)", dashboard='{"widgets": [{"type": "picture"}]}'),
            "must have properties",
        ),
    ],
)
def test_stack_invalid_alarm_or_dashboard_fails_creation(sandbox: SandboxClient, body: str, why: str) -> None:
    cloudformation = sandbox.client("cloudformation", REGION)
    cloudformation.create_stack(StackName="refused", TemplateBody=body, OnFailure="DO_NOTHING")
    waiter = cloudformation.get_waiter("stack_create_complete")
    with pytest.raises(Exception, match="terminal failure state"):
        waiter.wait(StackName="refused", WaiterConfig={"Delay": 1})
    events = cloudformation.describe_stack_events(StackName="refused")["StackEvents"]
    assert why in " ".join(event.get("ResourceStatusReason", "") for event in events)
    cloudformation.delete_stack(StackName="refused")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="refused", WaiterConfig={"Delay": 1})


def test_put_metric_alarm_invalid_expression_is_rejected(sandbox: SandboxClient) -> None:
    properties = build_math_alarm(Metrics=[{"Id": "a", "Expression": "b +"}], EvaluationPeriods=1, Threshold=1.0)[
        "Properties"
    ]
    with pytest.raises(ClientError, match="Error in expression"):
        sandbox.client("cloudwatch", REGION).put_metric_alarm(**properties)


def test_alarms_ahead_setting_evaluates_missing_minutes_immediately(sandbox: SandboxClient) -> None:
    cloudwatch = sandbox.client("cloudwatch", REGION)
    cloudwatch.put_metric_alarm(
        AlarmName=f"{STACK}-silent",
        Namespace="Shop",
        MetricName="Orders",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=3,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
    )
    publish(sandbox, Orders=2)
    assert read_states(sandbox) == {f"{STACK}-silent": "OK"}

    sandbox.call_control("PUT", "/settings", {"alarms_ahead_seconds": 360})
    until = time.monotonic() + load_scaling.get_wait_limit()
    while read_states(sandbox) != {f"{STACK}-silent": "ALARM"}:
        assert time.monotonic() < until
        time.sleep(0.2)

    sandbox.call_control("PUT", "/settings", {"alarms_ahead_seconds": 0})
    cloudwatch.delete_alarms(AlarmNames=[f"{STACK}-silent"])
