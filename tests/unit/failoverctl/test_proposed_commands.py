"""Commands in messages, parsed by failoverctl."""

import json
import re
import shlex
from collections.abc import Iterator

import click
import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.operator.request import OperatorAction, parse_request
from cognito_failover.core.rules import Rule
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.message import compose_message
from cognito_failover.notifications.operator_commands import format_operator_command
from failoverctl.cli import cli
from tests.unit.notifications.examples import NOW, make_event, make_settings, make_state

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/my-failover/1e2d3c4b-0000-0000-0000-000000000000"
COMMAND = re.compile(r"failoverctl( (?:[a-z]|--[a-z])[^\n:;,.]*?)(?=[.:;,](?: |\n|$)| and |$)", re.MULTILINE)


def list_messages() -> Iterator[str]:
    states = (make_state(), make_state(active_role=RegionRole.STANDBY), None)
    events = [make_event(kind) for kind in EventKind]
    events += [make_event(EventKind.BLOCKED, rule=rule.value) for rule in Rule]
    events += [make_event(EventKind.REGION_DEGRADED, role=RegionRole.PRIMARY, verdict=verdict) for verdict in Verdict]
    events += [make_event(EventKind.REGION_RECOVERED, role=RegionRole.PRIMARY, verdict=Verdict.SICK)]
    for event in events:
        for state in states:
            for stack_id in ("", STACK):
                yield compose_message(event, make_settings(stack_id=stack_id), state).body


def parse_command(command: str) -> click.Context:
    """Parse a command as the program does, without running it."""
    name, *options = shlex.split(command)
    parent = cli.make_context("failoverctl", [name])
    subcommand = cli.get_command(parent, name)
    assert subcommand, command
    return subcommand.make_context(name, options, parent=parent)


def test_commands_in_messages_parse() -> None:
    commands = {command.strip() for body in list_messages() for command in COMMAND.findall(body)}

    for command in commands:
        parse_command(command)
    assert {command.split()[0] for command in commands} >= {"failover", "failback", "abort", "acknowledge", "preflight"}


@pytest.mark.parametrize(
    "action", [action for action in OperatorAction if action not in {OperatorAction.HISTORY, OperatorAction.REPORT}]
)
def test_command_and_event_request_the_same(action: OperatorAction) -> None:
    proposal = format_operator_command(action, make_settings(stack_id=STACK), at=NOW, extra_fields={})
    command, _, event = proposal.removeprefix("run failoverctl ").partition(", or invoke the function ")

    context = parse_command(command)

    assert context.info_name == action.value
    assert (context.params["stack"], context.params["region"]) == ("my-failover", "us-east-1")
    request = parse_request(json.loads(event.removeprefix("my-failover-operator with ")))
    assert request.action is action
    for name in ("minutes", "kind"):
        assert context.params.get(name, getattr(request, name)) == getattr(request, name)


def test_stack_is_named_with_region() -> None:
    proposal = format_operator_command(
        OperatorAction.ACKNOWLEDGE, make_settings(stack_id=STACK), at=NOW, extra_fields={}
    )
    assert proposal.startswith(
        "run failoverctl acknowledge --stack my-failover --region us-east-1, "
        'or invoke the function my-failover-operator with {"action": "acknowledge"'
    )


def test_each_overridden_rule_is_an_option() -> None:
    proposal = format_operator_command(
        OperatorAction.FAILOVER,
        make_settings(),
        at=NOW,
        extra_fields={"override": [Rule.TARGET_HEALTHY, Rule.LAG_WITHIN_LIMIT]},
    )
    assert proposal.startswith(
        "run failoverctl failover --override target-healthy --override lag-within-limit, or invoke the operator "
    )
