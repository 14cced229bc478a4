"""Nobody meets a traceback: each error is a sentence with the way out, and an exit code."""

from typing import Any

import boto3
import botocore.exceptions as boto
import pytest
from botocore.stub import Stubber
from click.testing import Result

from failoverctl.place import Place
from tests.unit.failoverctl.stage import FUNCTION, Stage, said

URL = "https://lambda.us-east-1.amazonaws.com/"


def client_error(code: str, message: str = "said so", status: int = 400) -> boto.ClientError:
    return boto.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # the rest of the metadata is not read
        "Invoke",
    )


def timed_out() -> boto.ReadTimeoutError:
    return boto.ReadTimeoutError(endpoint_url=URL)


FINAL = [
    (boto.NoCredentialsError(), "No AWS credentials were found. Set AWS_PROFILE or give --profile"),
    (boto.PartialCredentialsError(provider="env", cred_var="x"), "No AWS credentials were found"),
    (boto.UnauthorizedSSOTokenError(), "Sign in again (aws sso login)"),
    (boto.TokenRetrievalError(provider="sso", error_msg="expired"), "Sign in again (aws sso login)"),
    (client_error("ExpiredTokenException"), "AWS does not accept your credentials (ExpiredTokenException: said so)"),
    (client_error("UnrecognizedClientException"), "AWS does not accept your credentials"),
    (client_error("AccessDeniedException"), "docs/policies/operator.json has what it needs"),
    (client_error("ResourceNotFoundException"), f"There is no function {FUNCTION} in us-east-1. Give --region"),
    (client_error("InvalidRequestContentException"), "AWS refused the call (InvalidRequestContentException: said so)"),
    (boto.SSLError(endpoint_url=URL, error=ValueError("certificate")), "AWS can't be asked: SSL validation failed"),
]
PASSING = [
    (timed_out(), "AWS took the call and gave no answer"),
    (boto.ConnectTimeoutError(endpoint_url=URL), "AWS can't be reached"),
    (boto.EndpointConnectionError(endpoint_url=URL), "AWS can't be reached"),
    (boto.ConnectionClosedError(endpoint_url=URL), "Connection was closed"),
    (client_error("TooManyRequestsException", status=429), "AWS throttles the call"),
    (client_error("ServiceException", status=500), "AWS refused the call (ServiceException"),
]


def named(pair: tuple[Exception, str]) -> str:
    error = pair[0]
    return error.response["Error"]["Code"] if isinstance(error, boto.ClientError) else type(error).__name__


def ended_with(result: Result, code: int, sentence: str) -> bool:
    return result.exit_code == code and sentence in result.stderr and "Traceback" not in result.output


@pytest.mark.parametrize(("error", "sentence"), FINAL, ids=map(named, FINAL))
def test_what_asking_again_would_not_cure_is_said_at_once(error: Exception, sentence: str) -> None:
    stage = Stage()
    stage.stage(error)
    assert ended_with(stage.run("resume", "--reason", "r"), 3, sentence)
    assert stage.slept == []


@pytest.mark.parametrize(("error", "sentence"), PASSING, ids=map(named, PASSING))
def test_a_call_without_an_answer_is_repeated_with_the_same_token(error: Exception, sentence: str) -> None:
    stage = Stage()
    stage.stage(error, error)
    result = stage.run("resume", "--reason", "r")
    assert ended_with(result, 0, sentence)
    assert stage.slept == [2.0, 5.0]
    assert len(stage.asked()) == 3
    assert len({event["token"] for event in stage.asked()}) == 1


def test_a_call_that_is_never_answered_ends_with_its_token() -> None:
    stage = Stage()
    stage.stage(*[timed_out()] * 3)
    result = stage.run("failover", "--yes", "--reason", "r", "--token", "mine")
    assert ended_with(result, 3, "Whether it was taken is not known. Repeat it with --token mine, which is harmless")
    assert "break_glass.py" in result.stderr


def test_a_question_that_is_never_answered_needs_no_token() -> None:
    stage = Stage()
    stage.stage(*[timed_out()] * 3)
    result = stage.run("status")
    assert ended_with(result, 3, "Try again; if users can't wait, break_glass.py")
    assert "token" not in result.stderr


def test_a_function_that_was_cut_off_is_asked_again() -> None:
    stage = Stage()
    stage.stage({"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: 1 Error: Task timed out after 60.00 s"})
    result = stage.run("resume", "--reason", "r")
    assert ended_with(result, 0, "was cut off")
    assert len(stage.asked()) == 2


def test_a_function_that_fails_is_quoted_with_its_log() -> None:
    stage = Stage()
    stage.stage({"errorType": "SettingsError", "errorMessage": "COOL_DOWN_SECONDS is 1.", "stackTrace": []})
    result = stage.run("status")
    assert ended_with(result, 4, f"The function {FUNCTION} failed with SettingsError: COOL_DOWN_SECONDS is 1. Its log")
    assert f"/aws/lambda/{FUNCTION}" in result.stderr


def test_the_log_of_a_function_given_by_arn_is_named_as_it_is() -> None:
    stage = Stage()
    stage.stage({"errorType": "KeyError", "errorMessage": "x"})
    arn = "arn:aws:lambda:us-east-1:111122223333:function:mine"
    assert "Its log is /aws/lambda/mine." in stage.run("status", "--function", arn).stderr


@pytest.mark.parametrize("payload", [b"", b"null", b'"hello"', b"<html>", b'{"statusCode": 200}', b'{"done": "yes"}'])
def test_an_answer_of_another_function_is_not_taken_for_one(payload: bytes) -> None:
    stage = Stage()
    stage.stage(payload)
    assert ended_with(stage.run("status"), 4, "gave an answer that no function of this stack gives")


def test_a_status_of_another_version_is_said_to_be() -> None:
    stage = Stage()
    stage.stage({"done": True, "status": {"phase": "steady", "regions": 7}})
    assert ended_with(stage.run("status"), 4, "--json shows it as it is")


def test_a_status_that_could_not_be_read_says_why() -> None:
    stage = Stage()
    stage.stage({"done": True, "status": {"problem": "The ledger does not answer."}})
    result = stage.run("status")
    assert result.exit_code == 0
    assert result.stdout == "The ledger does not answer.\n"


def test_a_stack_that_is_not_there_is_named_with_its_region() -> None:
    stage = Stage()
    stage.stacks.error = client_error("ValidationError", "Stack with id nope does not exist")
    result = stage.run("status", "--stack", "nope")
    assert ended_with(result, 3, "There is no stack nope in us-east-1. Give --stack its name, and --region the standby")


def test_a_stack_of_something_else_is_told_apart() -> None:
    stage = Stage()
    stage.stacks.outputs = {"Other": "x"}
    assert ended_with(stage.run("status"), 3, "has no output OperatorFunctionName (CREATE_COMPLETE)")


@pytest.mark.parametrize(
    "error",
    [client_error("AccessDenied"), client_error("Throttling"), boto.EndpointConnectionError(endpoint_url=URL)],
    ids=lambda error: type(error).__name__,
)
def test_the_function_is_asked_by_its_usual_name_when_the_stack_cannot_be_looked_up(error: Exception) -> None:
    stage = Stage()
    stage.stacks.error = error
    result = stage.run("status", "--stack", "mine")
    assert result.exit_code == 0
    assert "The stack mine can't be looked up" in result.stderr
    assert stage.functions.called == ["mine-operator"]


def test_without_credentials_no_function_is_asked() -> None:
    stage = Stage()
    stage.stacks.error = boto.NoCredentialsError()
    assert ended_with(stage.run("status"), 3, "No AWS credentials were found")
    assert stage.functions.called == []


@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        (["pause", "--json"], "usage", 2),
        (["status", "--json", "--interval", "3"], "usage", 2),
        (["nothing", "--json"], "usage", 2),
        (["failover", "--json", "--reason", "r"], "usage", 2),
    ],
)
def test_a_script_gets_its_errors_as_json_too(arguments: list[str], error: str, code: int) -> None:
    result = Stage().run(*arguments)
    assert result.exit_code == code
    assert (said(result)["done"], said(result)["error"]) == (False, error)
    assert said(result)["message"]


def test_a_script_can_tell_errors_by_name() -> None:
    stage = Stage()
    stage.stage(boto.NoCredentialsError(), {"errorMessage": "x"})
    assert said(stage.run("status", "--json"))["error"] == "unreachable"
    assert said(stage.run("status", "--json"))["error"] == "failed"


def test_ctrl_c_ends_it_quietly() -> None:
    stage = Stage(terminal=True)
    stage.on_sleep = interrupt
    stage.stage(timed_out())
    result = stage.run("resume", "--reason", "r")
    assert result.exit_code == 130
    assert "Traceback" not in result.output


def test_the_end_of_the_input_is_no_answer() -> None:
    stage = Stage(terminal=True)
    assert stage.run("resume", types="").exit_code == 130
    assert not stage.functions.events


def interrupt() -> None:
    raise KeyboardInterrupt


def test_the_calls_are_as_the_services_take_them() -> None:
    """With the services' own models between: a wrong parameter would be refused."""
    keys: dict[str, Any] = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "us-east-1"}
    stacks = boto3.client("cloudformation", **keys)
    functions = boto3.client("lambda", **keys)
    stage = Stage()
    stage.client = lambda _, service: {"cloudformation": stacks, "lambda": functions}[service]
    output: Any = {"OutputKey": "OperatorFunctionName", "OutputValue": "x"}
    found: Any = {"StackName": "s", "CreationTime": 0, "StackStatus": "CREATE_COMPLETE", "Outputs": [output]}
    with Stubber(stacks) as answering, Stubber(functions) as refusing:
        answering.add_response("describe_stacks", {"Stacks": [found]}, {"StackName": "cognito-failover"})
        refusing.add_client_error("invoke", "AccessDeniedException", "not you", 403)
        assert ended_with(stage.run("status"), 3, "Your credentials don't allow this (AccessDeniedException: not you)")
        answering.assert_no_pending_responses()
        refusing.assert_no_pending_responses()


def test_a_profile_that_is_not_there_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    from failoverctl.aws import client  # noqa: PLC0415 - the real one, where other tests bring their own

    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    stage = Stage()
    stage.client = client
    result = stage.run("status", "--profile", "nope", "--region", "us-east-1")
    assert ended_with(result, 3, "aws configure list-profiles")


def test_a_region_must_be_named_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from failoverctl.aws import client  # noqa: PLC0415 - as above
    from failoverctl.exits import UnreachableError  # noqa: PLC0415 - as above

    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with pytest.raises(UnreachableError, match="Give --region with the standby Region"):
        client(Place(), "lambda")


def test_a_name_that_is_no_region_is_refused() -> None:
    from failoverctl.aws import client  # noqa: PLC0415 - as above
    from failoverctl.exits import UnreachableError  # noqa: PLC0415 - as above

    with pytest.raises(UnreachableError, match="doesn't match a supported format"):
        client(Place(region="not a region!"), "lambda")
