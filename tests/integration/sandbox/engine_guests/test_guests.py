"""A stack deployed with the real sam: what its function reaches, what its role allows, what becomes of it in faults."""

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

from sandbox.attached import Sandbox
from sandbox.environment import plain_environment
from tests.support import patience

HERE = Path(__file__).parent
TOKYO, VIRGINIA, IRELAND = "ap-northeast-1", "us-east-1", "eu-west-1"
SIGN_IN = {
    "service": "cognito-idp",
    "call": "initiate_auth",
    "unsigned": True,
    "parameters": {"ClientId": "a" * 26, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "x"}},
}

type Guest = Callable[..., Any]


@pytest.fixture(scope="module")
def zone_id(sandbox: Sandbox) -> str:
    zone = sandbox.client("route53", VIRGINIA).create_hosted_zone(Name="example.com", CallerReference="guests")
    return str(zone["HostedZone"]["Id"]).rpartition("/")[2]


@pytest.fixture(scope="module")
def outputs(sandbox: Sandbox, zone_id: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Deploy the stack in Virginia and return its outputs."""
    sam = shutil.which("sam")
    assert sam, "sam is not on PATH; make test puts it there"
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    subprocess.run(  # noqa: S603 - sam, with arguments of our own
        [
            sam, "deploy", "--template", HERE / "template.yaml", "--stack-name", "guests", "--resolve-s3",
            "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
            "--parameter-overrides", f"ZoneId={zone_id}",
        ],
        env={**kept, **plain_environment(sandbox.network, VIRGINIA), "SAM_CLI_TELEMETRY": "0"},
        cwd=tmp_path_factory.mktemp("sam"),
        check=True,
        capture_output=True,
    )  # fmt: skip
    stack = sandbox.client("cloudformation", VIRGINIA).describe_stacks(StackName="guests")["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


@pytest.fixture
def guest(sandbox: Sandbox, outputs: dict[str, str]) -> Iterator[Guest]:
    """Return a function that has the guest make one call and returns what it says."""
    client = sandbox.client("lambda", VIRGINIA, timeout_seconds=patience.wait_limit())

    def ask(**event: Any) -> Any:
        answer = client.invoke(FunctionName=outputs["Guest"], Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    yield ask
    sandbox.control("DELETE", "/faults")


def change(zone_id: str, name: str, record_type: str = "TXT", action: str = "CREATE") -> dict[str, Any]:
    record = {"Name": name, "Type": record_type, "TTL": 60, "ResourceRecords": [{"Value": '"x"'}]}
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    parameters = {"HostedZoneId": zone_id, "ChangeBatch": batch}
    return {"service": "route53", "region": VIRGINIA, "call": "change_resource_record_sets", "parameters": parameters}


def put(outputs: dict[str, str], key: str) -> dict[str, Any]:
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
def test_real_names_lead_to_the_regions(sandbox: Sandbox, guest: Guest, name: str, region: str) -> None:
    assert guest(resolve=name) == {"result": sandbox.network.api(region)}


@pytest.mark.parametrize("event", [{"resolve": "example.org"}, {"fetch": "http://127.0.0.1:8500/"}])
def test_a_guest_reaches_nothing_but_the_sandbox(guest: Guest, event: dict[str, str]) -> None:
    assert guest(**event)["error"] in {"gaierror", "URLError"}


def test_a_guest_signs_in_across_regions_by_the_real_endpoint(guest: Guest) -> None:
    assert guest(**SIGN_IN, region=TOKYO) == {"error": "ResourceNotFoundException"}


def test_a_change_within_the_policys_conditions_is_allowed(guest: Guest, zone_id: str) -> None:
    allowed = guest(**change(zone_id, "auth.example.com"))
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
def test_a_change_beyond_the_policys_conditions_is_denied(
    guest: Guest, zone_id: str, name: str, record_type: str, action: str
) -> None:
    assert guest(**change(zone_id, name, record_type, action)) == {"error": "AccessDenied"}


def test_items_are_written_under_the_allowed_leading_key_only(guest: Guest, outputs: dict[str, str]) -> None:
    assert "result" in guest(**put(outputs, "observation"))
    assert guest(**put(outputs, "state")) == {"error": "AccessDeniedException"}


@pytest.mark.parametrize(
    ("sources", "allowed"), [(["guest"], True), (["somebody"], False), (["guest", "somebody"], False)]
)
def test_events_are_put_from_the_allowed_source_only(guest: Guest, sources: list[str], *, allowed: bool) -> None:
    entries = [{"Source": source, "DetailType": "Test", "Detail": "{}"} for source in sources]
    answer = guest(service="events", region=VIRGINIA, call="put_events", parameters={"Entries": entries})
    assert ("result" in answer) is allowed


def test_a_call_the_role_does_not_name_is_denied(guest: Guest) -> None:
    assert guest(service="sns", region=VIRGINIA, call="list_topics") == {"error": "AuthorizationError"}


def test_a_guest_sees_the_other_region_die_and_its_own_live(
    sandbox: Sandbox, guest: Guest, outputs: dict[str, str]
) -> None:
    with sandbox.fault(effect="dead", region=TOKYO):
        assert guest(**SIGN_IN, region=TOKYO)["error"] in {"ConnectTimeoutError", "ReadTimeoutError"}
        assert "result" in guest(**put(outputs, "observation"))


def test_a_fault_can_meet_callers_inside_one_region_only(sandbox: Sandbox, guest: Guest) -> None:
    with sandbox.fault(effect="throttle", service="cognito-idp", from_region=VIRGINIA):
        assert guest(**SIGN_IN, region=TOKYO) == {"error": "TooManyRequestsException"}
        assert sandbox.client("cognito-idp", TOKYO).list_user_pools(MaxResults=1)


REACH = """
import boto3, botocore.config, botocore.exceptions, sys
from tests.support import patience
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


def reach(sandbox: Sandbox, *regions: str, inside: str | None) -> list[str]:
    """Call Regions from inside one or from outside, by their real names, in a process of its own."""
    command = [sys.executable, "-c", REACH, str(patience.scale(2)), *regions]
    environment = sandbox.environment(inside=inside)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    return done.stdout.splitlines()


def test_what_runs_in_a_region_that_is_cut_off_reaches_itself_only(sandbox: Sandbox) -> None:
    with sandbox.fault(effect="cut-off", region=VIRGINIA):
        assert reach(sandbox, VIRGINIA, TOKYO, inside=VIRGINIA) == ["us-east-1 answers", "ap-northeast-1 silent"]


@pytest.mark.parametrize("inside", [TOKYO, None], ids=["another Region", "outside"])
def test_nobody_outside_reaches_a_region_that_is_cut_off(sandbox: Sandbox, inside: str | None) -> None:
    with sandbox.fault(effect="cut-off", region=VIRGINIA):
        assert reach(sandbox, VIRGINIA, TOKYO, inside=inside) == ["us-east-1 silent", "ap-northeast-1 answers"]


@pytest.mark.parametrize(
    ("effect", "runs"), [("dead", False), ("cut-off", True)], ids=["not in a dead one", "in one cut off"]
)
def test_schedules_fire_and_functions_run(
    sandbox: Sandbox, outputs: dict[str, str], guest: Guest, effect: str, *, runs: bool
) -> None:
    del guest  # deployed is enough
    table = sandbox.client("dynamodb", VIRGINIA)
    key = {"pk": {"S": "observation"}}
    table.delete_item(TableName=outputs["TableName"], Key=key)
    function = sandbox.client("lambda", VIRGINIA).get_function_configuration(FunctionName=outputs["Guest"])
    queue = sandbox.client("sqs", TOKYO, timeout_seconds=patience.wait_limit())
    queue_url = queue.create_queue(QueueName=f"witness-{effect}")["QueueUrl"]
    queue_arn = f"arn:aws:sqs:{TOKYO}:{sandbox.description['account']}:witness-{effect}"
    moment = (datetime.now(UTC) + timedelta(seconds=patience.scale(5))).strftime("at(%Y-%m-%dT%H:%M:%S)")
    for region, target, payload in (
        (VIRGINIA, function["FunctionArn"], put(outputs, "observation")),
        (TOKYO, queue_arn, {"ticked": True}),
    ):
        sandbox.client("scheduler", region).create_schedule(
            Name=f"once-{effect}",
            ScheduleExpression=moment,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target, "RoleArn": function["Role"], "Input": json.dumps(payload)},
        )
    with sandbox.fault(effect=effect, region=VIRGINIA):
        # Tokyo's schedule fires in the same round as Virginia's, and after it.
        until = time.monotonic() + patience.wait_limit()
        while not queue.receive_message(QueueUrl=queue_url, WaitTimeSeconds=20).get("Messages"):
            assert time.monotonic() < until, "the schedule of the other Region has not fired"
    assert ("Item" in awaited(table, outputs["TableName"], key, runs=runs)) is runs


def awaited(table: Any, name: str, key: dict[str, Any], *, runs: bool) -> dict[str, Any]:
    """Read an item, again and again for a while if it is expected."""
    until = time.monotonic() + (patience.wait_limit() if runs else 0)
    while "Item" not in (answer := table.get_item(TableName=name, Key=key)) and time.monotonic() < until:
        time.sleep(0.2)
    return dict(answer)
