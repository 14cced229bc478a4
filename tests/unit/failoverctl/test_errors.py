"""Errors: each is a message with advice and an exit code, never a traceback."""

from typing import Any

import boto3
import botocore.exceptions as boto
import pytest
from botocore.stub import Stubber
from click.testing import Result

from failoverctl.target import ControllerTarget
from tests.unit.failoverctl.cli_harness import FUNCTION, CliHarness, read_output

URL = "https://lambda.us-east-1.amazonaws.com/"


def make_client_error(code: str, message: str = "the reason", status: int = 400) -> boto.ClientError:
    return boto.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # the rest of the metadata is not read
        "Invoke",
    )


def make_timeout() -> boto.ReadTimeoutError:
    return boto.ReadTimeoutError(endpoint_url=URL)


FINAL_ERRORS = [
    (boto.NoCredentialsError(), "No AWS credentials were found. Set AWS_PROFILE or give --profile"),
    (boto.PartialCredentialsError(provider="env", cred_var="x"), "No AWS credentials were found"),
    (boto.UnauthorizedSSOTokenError(), "Sign in again (aws sso login)"),
    (boto.TokenRetrievalError(provider="sso", error_msg="expired"), "Sign in again (aws sso login)"),
    (
        make_client_error("ExpiredTokenException"),
        "AWS does not accept your credentials (ExpiredTokenException: the reason)",
    ),
    (make_client_error("UnrecognizedClientException"), "AWS does not accept your credentials"),
    (make_client_error("AccessDeniedException"), "docs/policies/operator.json has the permissions"),
    (make_client_error("ResourceNotFoundException"), f"There is no function {FUNCTION} in us-east-1. Give --region"),
    (
        make_client_error("InvalidRequestContentException"),
        "AWS refused the call (InvalidRequestContentException: the reason)",
    ),
    (boto.SSLError(endpoint_url=URL, error=ValueError("certificate")), "The call to AWS failed: SSL validation failed"),
]
TRANSIENT_ERRORS = [
    (make_timeout(), "AWS accepted the connection, but gave no answer"),
    (boto.ConnectTimeoutError(endpoint_url=URL), "AWS can't be reached"),
    (boto.EndpointConnectionError(endpoint_url=URL), "AWS can't be reached"),
    (boto.ConnectionClosedError(endpoint_url=URL), "Connection was closed"),
    (make_client_error("TooManyRequestsException", status=429), "AWS throttles the call"),
    (make_client_error("ServiceException", status=500), "AWS refused the call (ServiceException"),
]


def get_error_id(pair: tuple[Exception, str]) -> str:
    error = pair[0]
    return error.response["Error"]["Code"] if isinstance(error, boto.ClientError) else type(error).__name__


def has_ended_with(result: Result, code: int, sentence: str) -> bool:
    return result.exit_code == code and sentence in result.stderr and "Traceback" not in result.output


@pytest.mark.parametrize(("error", "sentence"), FINAL_ERRORS, ids=map(get_error_id, FINAL_ERRORS))
def test_permanent_error_is_reported_immediately(error: Exception, sentence: str) -> None:
    harness = CliHarness()
    harness.queue_outcomes(error)
    assert has_ended_with(harness.run("resume", "--reason", "r"), 3, sentence)
    assert harness.slept == []


@pytest.mark.parametrize(("error", "sentence"), TRANSIENT_ERRORS, ids=map(get_error_id, TRANSIENT_ERRORS))
def test_unanswered_call_is_retried_with_same_token(error: Exception, sentence: str) -> None:
    harness = CliHarness()
    harness.queue_outcomes(error, error)
    result = harness.run("resume", "--reason", "r")
    assert has_ended_with(result, 0, sentence)
    assert harness.slept == [2.0, 5.0]
    assert len(harness.requests()) == 3
    assert len({event["token"] for event in harness.requests()}) == 1


@pytest.mark.parametrize("command", ["status", "history", "report"])
def test_reader_without_other_permissions_uses_the_alias(command: str) -> None:
    harness = CliHarness()
    harness.queue_outcomes(make_client_error("AccessDeniedException"))
    harness.run(command)
    assert harness.functions.invoked_names == [FUNCTION, f"{FUNCTION}:read"]


def test_change_never_uses_the_read_only_alias() -> None:
    harness = CliHarness()
    harness.queue_outcomes(make_client_error("AccessDeniedException"))
    assert has_ended_with(harness.run("resume", "--reason", "r"), 3, "Your credentials don't allow this")
    assert harness.functions.invoked_names == [FUNCTION]


def test_caller_without_any_permission_is_refused() -> None:
    harness = CliHarness()
    harness.queue_outcomes(*[make_client_error("AccessDeniedException")] * 2)
    assert has_ended_with(harness.run("status"), 3, "docs/policies/operator.json has the permissions")


def test_unanswered_change_reports_its_token() -> None:
    harness = CliHarness()
    harness.queue_outcomes(*[make_timeout()] * 3)
    result = harness.run("failover", "--yes", "--reason", "r", "--token", "mine")
    assert has_ended_with(result, 3, "The request may have been carried out. Repeat it with --token mine (idempotent)")
    assert "break_glass.py" in result.stderr


def test_unanswered_query_reports_no_token() -> None:
    harness = CliHarness()
    harness.queue_outcomes(*[make_timeout()] * 3)
    result = harness.run("status")
    assert has_ended_with(
        result, 3, "Try again. In an emergency, move users without the controller: scripts/break_glass.py"
    )
    assert "token" not in result.stderr


def test_timed_out_function_is_retried() -> None:
    harness = CliHarness()
    harness.queue_outcomes(
        {"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: 1 Error: Task timed out after 60.00 s"}
    )
    result = harness.run("resume", "--reason", "r")
    assert has_ended_with(result, 0, "timed out (")
    assert len(harness.requests()) == 2


def test_function_error_is_quoted_with_log_group() -> None:
    harness = CliHarness()
    harness.queue_outcomes({"errorType": "SettingsError", "errorMessage": "COOL_DOWN_SECONDS is 1.", "stackTrace": []})
    result = harness.run("status")
    assert has_ended_with(
        result, 4, f"The function {FUNCTION} failed with SettingsError: COOL_DOWN_SECONDS is 1. Its log"
    )
    assert f"/aws/lambda/{FUNCTION}" in result.stderr


def test_log_group_of_function_given_by_arn_is_named() -> None:
    harness = CliHarness()
    harness.queue_outcomes({"errorType": "KeyError", "errorMessage": "x"})
    arn = "arn:aws:lambda:us-east-1:111122223333:function:mine"
    assert "Its log is /aws/lambda/mine." in harness.run("status", "--function", arn).stderr


@pytest.mark.parametrize("payload", [b"", b"null", b'"hello"', b"<html>", b'{"statusCode": 200}', b'{"done": "yes"}'])
def test_response_of_another_function_is_rejected(payload: bytes) -> None:
    harness = CliHarness()
    harness.queue_outcomes(payload)
    assert has_ended_with(harness.run("status"), 4, "is not from a function of this stack")


def test_status_of_other_version_is_reported() -> None:
    harness = CliHarness()
    harness.queue_outcomes({"done": True, "status": {"phase": "steady", "regions": 7}})
    assert has_ended_with(harness.run("status"), 4, "--json prints the answer unchanged")


def test_unreadable_status_shows_the_reason() -> None:
    harness = CliHarness()
    harness.queue_outcomes({"done": True, "status": {"problem": "The ledger does not answer."}})
    result = harness.run("status")
    assert result.exit_code == 0
    assert result.stdout == "The ledger does not answer.\n"


def test_missing_stack_is_named_with_region() -> None:
    harness = CliHarness()
    harness.stacks.error = make_client_error("ValidationError", "Stack with id nope does not exist")
    result = harness.run("status", "--stack", "nope")
    assert has_ended_with(
        result, 3, "There is no stack nope in us-east-1. Give --stack its name, and --region the standby"
    )


def test_stack_of_another_product_is_rejected() -> None:
    harness = CliHarness()
    harness.stacks.outputs = {"Other": "x"}
    assert has_ended_with(harness.run("status"), 3, "has no output OperatorFunctionName (CREATE_COMPLETE)")


@pytest.mark.parametrize(
    "error",
    [
        make_client_error("AccessDenied"),
        make_client_error("Throttling"),
        boto.EndpointConnectionError(endpoint_url=URL),
    ],
    ids=lambda error: type(error).__name__,
)
def test_default_function_name_is_used_without_stack_access(error: Exception) -> None:
    harness = CliHarness()
    harness.stacks.error = error
    result = harness.run("status", "--stack", "mine")
    assert result.exit_code == 0
    assert "The stack mine can't be read" in result.stderr
    assert harness.functions.invoked_names == ["mine-operator"]


def test_missing_credentials_prevent_the_call() -> None:
    harness = CliHarness()
    harness.stacks.error = boto.NoCredentialsError()
    assert has_ended_with(harness.run("status"), 3, "No AWS credentials were found")
    assert harness.functions.invoked_names == []


@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        (["pause", "--json"], "usage", 2),
        (["status", "--json", "--interval", "3"], "usage", 2),
        (["nothing", "--json"], "usage", 2),
        (["failover", "--json", "--reason", "r"], "usage", 2),
    ],
)
def test_script_gets_errors_as_json(arguments: list[str], error: str, code: int) -> None:
    result = CliHarness().run(*arguments)
    assert result.exit_code == code
    assert (read_output(result)["done"], read_output(result)["error"]) == (False, error)
    assert read_output(result)["message"]


def test_json_errors_have_names() -> None:
    harness = CliHarness()
    harness.queue_outcomes(boto.NoCredentialsError(), {"errorMessage": "x"})
    assert read_output(harness.run("status", "--json"))["error"] == "unreachable"
    assert read_output(harness.run("status", "--json"))["error"] == "failed"


def test_ctrl_c_exits_quietly() -> None:
    harness = CliHarness(terminal=True)
    harness.on_sleep = interrupt
    harness.queue_outcomes(make_timeout())
    result = harness.run("status")
    assert result.exit_code == 130
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "way_back"),
    [
        (("failover", "--yes"), "failoverctl abort"),
        (("failback", "--yes"), "failoverctl abort"),
        (("abort", "--yes"), "failoverctl watch"),
        (("drill", "--yes"), "failoverctl abort"),
        (("pause", "--minutes", "5"), "failoverctl resume"),
        (("resume",), "failoverctl pause"),
        (("observe-only",), "failoverctl resume"),
        (("acknowledge",), "failoverctl pause"),
        (("attach",), "failoverctl detach"),
        (("detach",), "failoverctl attach"),
    ],
)
def test_ctrl_c_after_a_request_says_what_continues(arguments: tuple[str, ...], way_back: str) -> None:
    harness = CliHarness()
    harness.on_sleep = interrupt
    harness.queue_outcomes(make_timeout())
    result = harness.run(*arguments, "--reason", "r", "--token", "mine")
    assert has_ended_with(result, 130, f"Interrupted. The request ({arguments[0]}, token mine) was sent")
    assert way_back in result.stderr


def test_ctrl_c_while_following_says_that_the_move_continues() -> None:
    harness = CliHarness()
    harness.on_sleep = interrupt
    result = harness.run("failover", "--yes", "--wait", "--reason", "r", "--token", "mine")
    assert has_ended_with(result, 130, "this did not take it back")
    assert "failoverctl abort" in result.stderr
    assert harness.world.state.move


def test_control_characters_in_answers_do_not_reach_the_terminal() -> None:
    harness = CliHarness()
    harness.queue_outcomes({"done": False, "message": "bad\x1b[2J\r\nsteady\u202e\x9b1m", "refused_by": "no-state"})
    assert harness.run("status").stdout == "bad\ufffd[2J  steady\ufffd\ufffd1m\n"
    harness.queue_outcomes({"errorType": "\x1b[31mE", "errorMessage": "a\x07b"})
    assert "\x1b" not in harness.run("status").stderr


def test_end_of_input_is_not_a_confirmation() -> None:
    harness = CliHarness(terminal=True)
    assert harness.run("resume", types="").exit_code == 130
    assert not harness.functions.events


def interrupt() -> None:
    raise KeyboardInterrupt


def test_calls_have_valid_parameters() -> None:
    """Stub the real clients: their models refuse a wrong parameter."""
    keys: dict[str, Any] = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "us-east-1"}
    stacks = boto3.client("cloudformation", **keys)
    functions = boto3.client("lambda", **keys)
    harness = CliHarness()
    harness.client = lambda _, service: {"cloudformation": stacks, "lambda": functions}[service]
    output: Any = {"OutputKey": "OperatorFunctionName", "OutputValue": "x"}
    stack: Any = {"StackName": "s", "CreationTime": 0, "StackStatus": "CREATE_COMPLETE", "Outputs": [output]}
    with Stubber(stacks) as stack_stubber, Stubber(functions) as function_stubber:
        stack_stubber.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "cognito-failover"})
        function_stubber.add_client_error("invoke", "AccessDeniedException", "not you", 403)
        assert has_ended_with(
            harness.run("resume", "--reason", "r"),
            3,
            "Your credentials don't allow this (AccessDeniedException: not you)",
        )
        stack_stubber.assert_no_pending_responses()
        function_stubber.assert_no_pending_responses()


def test_unknown_profile_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    from failoverctl.aws import create_client  # noqa: PLC0415 - the real function; other tests replace it

    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    harness = CliHarness()
    harness.client = create_client
    result = harness.run("status", "--profile", "nope", "--region", "us-east-1")
    assert has_ended_with(result, 3, "aws configure list-profiles")


def test_missing_region_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    from failoverctl.aws import create_client  # noqa: PLC0415 - as above
    from failoverctl.exit_codes import UnreachableError  # noqa: PLC0415 - as above

    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with pytest.raises(UnreachableError, match="Give --region the standby Region"):
        create_client(ControllerTarget(), "lambda")


def test_invalid_region_name_is_rejected() -> None:
    from failoverctl.aws import create_client  # noqa: PLC0415 - as above
    from failoverctl.exit_codes import UnreachableError  # noqa: PLC0415 - as above

    with pytest.raises(UnreachableError, match="doesn't match a supported format"):
        create_client(ControllerTarget(region="not a region!"), "lambda")
