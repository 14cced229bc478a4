"""What a message tells a person to type, as failoverctl takes it."""

import json
import re
import shlex
from collections.abc import Iterator

import click
import pytest

from failover.decision.announcement import Kind
from failover.decision.request import Action, parse_request
from failover.decision.rules import Rule
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.signals.by_hand import how_to_ask
from failover.signals.messages import compose
from failoverctl.program import program
from tests.unit.signals.examples import NOW, announcement, settings, state

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/my-failover/1e2d3c4b-0000-0000-0000-000000000000"
COMMAND = re.compile(r"failoverctl( (?:[a-z]|--[a-z])[^\n:;,.]*?)(?=[.:;,](?: |\n|$)| and |$)", re.MULTILINE)


def messages() -> Iterator[str]:
    known = (state(), state(active=Side.STANDBY), None)
    told = [announcement(kind) for kind in Kind]
    told += [announcement(Kind.BLOCKED, rule=rule.value) for rule in Rule]
    told += [announcement(Kind.CONCERN, side=Side.PRIMARY, verdict=verdict) for verdict in Verdict]
    told += [announcement(Kind.RECOVERED, side=Side.PRIMARY, verdict=Verdict.SICK)]
    for each in told:
        for at_that_time in known:
            for stack_id in ("", STACK):
                yield compose(each, settings(stack_id=stack_id), at_that_time).body


def understood(command: str) -> click.Context:
    """Take a command apart as the program does, without running it."""
    name, *options = shlex.split(command)
    outer = program.make_context("failoverctl", [name])
    subcommand = program.get_command(outer, name)
    assert subcommand, command
    return subcommand.make_context(name, options, parent=outer)


def test_every_command_that_a_message_names_is_one() -> None:
    commands = {found.strip() for body in messages() for found in COMMAND.findall(body)}

    for command in commands:
        understood(command)
    assert {command.split()[0] for command in commands} >= {"failover", "failback", "abort", "acknowledge", "preflight"}


@pytest.mark.parametrize("action", [action for action in Action if action not in {Action.HISTORY, Action.REPORT}])
def test_a_command_and_the_event_beside_it_ask_for_the_same(action: Action) -> None:
    proposal = how_to_ask(action, settings(stack_id=STACK), at=NOW, further={})
    command, _, event = proposal.removeprefix("run failoverctl ").partition(", or invoke the function ")

    context = understood(command)

    assert context.info_name == action.value
    assert (context.params["stack"], context.params["region"]) == ("my-failover", "us-east-1")
    request = parse_request(json.loads(event.removeprefix("my-failover-operator with ")))
    assert request.action is action
    for name in ("minutes", "kind"):
        assert context.params.get(name, getattr(request, name)) == getattr(request, name)


def test_the_stack_is_named_with_its_region() -> None:
    proposal = how_to_ask(Action.ACKNOWLEDGE, settings(stack_id=STACK), at=NOW, further={})
    assert proposal.startswith(
        "run failoverctl acknowledge --stack my-failover --region us-east-1, "
        'or invoke the function my-failover-operator with {"action": "acknowledge"'
    )


def test_a_rule_to_override_is_an_option_each() -> None:
    proposal = how_to_ask(
        Action.FAILOVER, settings(), at=NOW, further={"override": [Rule.TARGET_SERVES, Rule.REPLICA_FRESH]}
    )
    assert proposal.startswith(
        "run failoverctl failover --override target-serves --override replica-fresh, or invoke the operator function"
    )
