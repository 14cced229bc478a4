"""A function deployed with the real sam: reachable hosts, permissions of its role, behavior under faults."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.client import SandboxClient
from sandbox.environment import build_plain_environment
from tests.support import load_scaling

HERE = Path(__file__).parent
TOKYO, VIRGINIA, IRELAND = "ap-northeast-1", "us-east-1", "eu-west-1"
SIGN_IN = {
    "service": "cognito-idp",
    "call": "initiate_auth",
    "unsigned": True,
    "parameters": {"ClientId": "a" * 26, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "x"}},
}

type InvokeFunction = Callable[..., Any]


@pytest.fixture(scope="module")
def zone_id(sandbox: SandboxClient) -> str:
    zone = sandbox.client("route53", VIRGINIA).create_hosted_zone(Name="example.com", CallerReference="functions")
    return str(zone["HostedZone"]["Id"]).rpartition("/")[2]


@pytest.fixture(scope="module")
def outputs(sandbox: SandboxClient, zone_id: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Deploy the stack in Virginia and return its outputs."""
    sam = shutil.which("sam")
    assert sam, "sam is not on PATH; make test puts it there"
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    subprocess.run(  # noqa: S603 - fixed arguments
        [
            sam, "deploy", "--template", HERE / "template.yaml", "--stack-name", "functions", "--resolve-s3",
            "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
            "--parameter-overrides", f"ZoneId={zone_id}",
        ],
        env={**kept, **build_plain_environment(sandbox.network, VIRGINIA), "SAM_CLI_TELEMETRY": "0"},
        cwd=tmp_path_factory.mktemp("sam"),
        check=True,
        capture_output=True,
    )  # fmt: skip
    stack = sandbox.client("cloudformation", VIRGINIA).describe_stacks(StackName="functions")["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


@pytest.fixture
def invoke(sandbox: SandboxClient, outputs: dict[str, str]) -> Iterator[InvokeFunction]:
    """Return a function that invokes the Lambda function and returns its answer."""
    client = sandbox.client("lambda", VIRGINIA, timeout_seconds=load_scaling.get_wait_limit())

    def invoke(**event: Any) -> Any:
        answer = client.invoke(FunctionName=outputs["Function"], Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    yield invoke
    sandbox.call_control("DELETE", "/faults")


def build_record_change(zone_id: str, name: str, record_type: str = "TXT", action: str = "CREATE") -> dict[str, Any]:
    record = {"Name": name, "Type": record_type, "TTL": 60, "ResourceRecords": [{"Value": '"x"'}]}
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    parameters = {"HostedZoneId": zone_id, "ChangeBatch": batch}
    return {"service": "route53", "region": VIRGINIA, "call": "change_resource_record_sets", "parameters": parameters}


def build_put_item(outputs: dict[str, str], key: str) -> dict[str, Any]:
    parameters = {"TableName": outputs["TableName"], "Item": {"pk": {"S": key}}}
    return {"service": "dynamodb", "region": VIRGINIA, "call": "put_item", "parameters": parameters}


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("cognito-idp.ap-northeast-1.amazonaws.com", TOKYO),
        ("route53.amazonaws.com", VIRGINIA),
        ("sts.eu-west-1.amazonaws.com", IRELAND),
    ],
)
def test_real_names_resolve_to_the_regions(
    sandbox: SandboxClient, invoke: InvokeFunction, name: str, region: str
) -> None:
    assert invoke(resolve=name) == {"result": sandbox.network.get_api_address(region)}


@pytest.mark.parametrize("event", [{"resolve": "example.org"}, {"fetch": "http://127.0.0.1:8500/"}])
def test_function_reaches_only_the_sandbox(invoke: InvokeFunction, event: dict[str, str]) -> None:
    assert invoke(**event)["error"] in {"gaierror", "URLError"}


def test_function_signs_in_to_another_region_by_real_endpoint(invoke: InvokeFunction) -> None:
    assert invoke(**SIGN_IN, region=TOKYO) == {"error": "ResourceNotFoundException"}


def test_change_within_the_policys_conditions_is_allowed(invoke: InvokeFunction, zone_id: str) -> None:
    allowed = invoke(**build_record_change(zone_id, "auth.example.com"))
    assert allowed["result"]["endpoint"] == "https://route53.amazonaws.com"


@pytest.mark.parametrize(
    ("name", "record_type", "action"),
    [
        ("www.example.com", "TXT", "CREATE"),
        ("auth.example.com", "SPF", "CREATE"),
        ("auth.example.com", "TXT", "UPSERT"),
    ],
    ids=["another name", "another type", "another action"],
)
def test_change_beyond_the_policys_conditions_is_denied(
    invoke: InvokeFunction, zone_id: str, name: str, record_type: str, action: str
) -> None:
    assert invoke(**build_record_change(zone_id, name, record_type, action)) == {"error": "AccessDenied"}


def test_items_are_written_under_the_allowed_leading_key_only(invoke: InvokeFunction, outputs: dict[str, str]) -> None:
    assert "result" in invoke(**build_put_item(outputs, "observation"))
    assert invoke(**build_put_item(outputs, "state")) == {"error": "AccessDeniedException"}


@pytest.mark.parametrize(
    ("sources", "allowed"), [(["function"], True), (["other"], False), (["function", "other"], False)]
)
def test_events_are_put_from_the_allowed_source_only(
    invoke: InvokeFunction, sources: list[str], *, allowed: bool
) -> None:
    entries = [{"Source": source, "DetailType": "Test", "Detail": "{}"} for source in sources]
    answer = invoke(service="events", region=VIRGINIA, call="put_events", parameters={"Entries": entries})
    assert ("result" in answer) is allowed


def test_call_outside_the_roles_policy_is_denied(invoke: InvokeFunction) -> None:
    assert invoke(service="sns", region=VIRGINIA, call="list_topics") == {"error": "AuthorizationError"}


def test_function_sees_dead_other_region_while_its_own_works(
    sandbox: SandboxClient, invoke: InvokeFunction, outputs: dict[str, str]
) -> None:
    with sandbox.inject_fault(effect="dead", region=TOKYO):
        assert invoke(**SIGN_IN, region=TOKYO)["error"] in {"ConnectTimeoutError", "ReadTimeoutError"}
        assert "result" in invoke(**build_put_item(outputs, "observation"))


def test_fault_can_be_limited_to_callers_in_one_region(sandbox: SandboxClient, invoke: InvokeFunction) -> None:
    with sandbox.inject_fault(effect="throttle", service="cognito-idp", from_region=VIRGINIA):
        assert invoke(**SIGN_IN, region=TOKYO) == {"error": "TooManyRequestsException"}
        assert sandbox.client("cognito-idp", TOKYO).list_user_pools(MaxResults=1)


REACHABILITY_SCRIPT = """
import boto3, botocore.config, botocore.exceptions, sys
seconds, *regions = sys.argv[1:]
limits = {"connect_timeout": float(seconds), "read_timeout": float(seconds)}
config = botocore.config.Config(**limits, retries={"total_max_attempts": 1})
for region in regions:
    try:
        boto3.client("sts", region_name=region, config=config).get_caller_identity()
        print(region, "answers")
    except botocore.exceptions.BotoCoreError:
        print(region, "silent")
"""


def check_regions(sandbox: SandboxClient, *regions: str, inside: str | None) -> list[str]:
    """Call Regions by their real names in a subprocess, inside a Region or outside AWS."""
    command = [sys.executable, "-c", REACHABILITY_SCRIPT, str(load_scaling.scale_seconds(2)), *regions]
    environment = sandbox.build_environment(inside=inside)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - a fixed script
    return done.stdout.splitlines()


def test_caller_in_cut_off_region_reaches_only_that_region(sandbox: SandboxClient) -> None:
    with sandbox.inject_fault(effect="cut-off", region=VIRGINIA):
        assert check_regions(sandbox, VIRGINIA, TOKYO, inside=VIRGINIA) == [
            "us-east-1 answers",
            "ap-northeast-1 silent",
        ]


@pytest.mark.parametrize("inside", [TOKYO, None], ids=["another Region", "outside"])
def test_cut_off_region_is_unreachable_from_outside(sandbox: SandboxClient, inside: str | None) -> None:
    with sandbox.inject_fault(effect="cut-off", region=VIRGINIA):
        assert check_regions(sandbox, VIRGINIA, TOKYO, inside=inside) == ["us-east-1 silent", "ap-northeast-1 answers"]


@pytest.mark.parametrize(
    ("effect", "runs"), [("dead", False), ("cut-off", True)], ids=["not in a dead one", "in one cut off"]
)
def test_schedules_fire_and_functions_run(
    sandbox: SandboxClient, outputs: dict[str, str], invoke: InvokeFunction, effect: str, *, runs: bool
) -> None:
    del invoke  # it only has to be deployed
    table = sandbox.client("dynamodb", VIRGINIA)
    key = {"pk": {"S": "observation"}}
    table.delete_item(TableName=outputs["TableName"], Key=key)
    function = sandbox.client("lambda", VIRGINIA).get_function_configuration(FunctionName=outputs["Function"])
    queue = sandbox.client("sqs", TOKYO, timeout_seconds=load_scaling.get_wait_limit())
    queue_url = queue.create_queue(QueueName=f"witness-{effect}")["QueueUrl"]
    queue_arn = f"arn:aws:sqs:{TOKYO}:{sandbox.description['account']}:witness-{effect}"
    moment = (datetime.now(UTC) + timedelta(seconds=load_scaling.scale_seconds(5))).strftime("at(%Y-%m-%dT%H:%M:%S)")
    for region, target, payload in (
        (VIRGINIA, function["FunctionArn"], build_put_item(outputs, "observation")),
        (TOKYO, queue_arn, {"ticked": True}),
    ):
        sandbox.client("scheduler", region).create_schedule(
            Name=f"once-{effect}",
            ScheduleExpression=moment,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target, "RoleArn": function["Role"], "Input": json.dumps(payload)},
        )
    with sandbox.inject_fault(effect=effect, region=VIRGINIA):
        # Tokyo's schedule fires in the same cycle as Virginia's, after it.
        until = time.monotonic() + load_scaling.get_wait_limit()
        while not queue.receive_message(QueueUrl=queue_url, WaitTimeSeconds=20).get("Messages"):
            assert time.monotonic() < until, "the schedule of the other Region has not fired"
    assert ("Item" in wait_for_item(table, outputs["TableName"], key, runs=runs)) is runs


def test_scheduled_event_is_delivered_twice_with_one_request_id(
    sandbox: SandboxClient, outputs: dict[str, str], invoke: InvokeFunction
) -> None:
    del invoke  # it only has to be deployed
    function = sandbox.client("lambda", VIRGINIA).get_function_configuration(FunctionName=outputs["Function"])
    queue = sandbox.client("sqs", VIRGINIA, timeout_seconds=load_scaling.get_wait_limit())
    queue_url = queue.create_queue(QueueName="request-ids")["QueueUrl"]
    moment = (datetime.now(UTC) + timedelta(seconds=load_scaling.scale_seconds(3))).strftime("at(%Y-%m-%dT%H:%M:%S)")
    event = {"send_request_id_to": queue_url, "region": VIRGINIA}
    request_ids: list[str] = []
    until = time.monotonic() + load_scaling.get_wait_limit()
    with sandbox.inject_fault(effect="twice", service="lambda", region=VIRGINIA):
        sandbox.client("scheduler", VIRGINIA).create_schedule(
            Name="once-twice",
            ScheduleExpression=moment,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": function["FunctionArn"], "RoleArn": function["Role"], "Input": json.dumps(event)},
        )
        while len(request_ids) < 2:
            assert time.monotonic() < until, request_ids
            answer = queue.receive_message(QueueUrl=queue_url, WaitTimeSeconds=5, MaxNumberOfMessages=10)
            request_ids += [message["Body"] for message in answer.get("Messages", ())]
    assert len(set(request_ids)) == 1


def wait_for_item(table: Any, name: str, key: dict[str, Any], *, runs: bool) -> dict[str, Any]:
    """Read an item. If it is expected, poll until it exists."""
    until = time.monotonic() + (load_scaling.get_wait_limit() if runs else 0)
    while "Item" not in (answer := table.get_item(TableName=name, Key=key)) and time.monotonic() < until:
        time.sleep(0.2)
    return dict(answer)
