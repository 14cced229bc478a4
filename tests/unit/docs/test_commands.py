"""Each command in the documentation is valid for its program."""

import importlib.util
import re
from functools import cache
from pathlib import Path
from types import ModuleType

import botocore.session
import click
import pytest
from botocore import xform_name
from botocore.model import OperationModel

from failoverctl.cli import cli
from sandbox.cli import _build_parser as sandbox_parser
from tests.unit.docs.commands import list_commands
from tests.unit.docs.pages import PAGES, ROOT, read_text

FAILOVERCTL = [
    (page, words)
    for page in PAGES
    for name in ("failoverctl", "scripts/failoverctl")
    for words in list_commands(page, name)
    if "…" not in words
]
AWS = [(page, words) for page in PAGES for words in list_commands(page, "aws")]
PYTHON = [
    (page, words)
    for page in PAGES
    for name in ("python", ".venv/bin/python")
    for words in list_commands(page, name)
    if len(words) > 2 and "…" not in words
]
SCRIPTS = ("break_glass.py", "break_glass_latch.py")

_ANYWHERE = {"region", "query", "output", "profile", "cli-binary-format", "no-cli-pager", "endpoint-url"}
"""Global options of the AWS CLI."""

_RENAMED = {("sns", "subscribe"): {"notification-endpoint"}}
"""Options whose name in the AWS CLI differs from the service's parameter."""


def get_id(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else getattr(value, "name", str(value))


@pytest.mark.parametrize(("page", "words"), FAILOVERCTL, ids=get_id)
def test_failoverctl_commands_parse(page: Path, words: list[str]) -> None:
    is_mentioned_only = len(words) == 2  # in a sentence, without arguments
    parse_command(cli, [words[1], "--help"] if is_mentioned_only else words[1:], page)


def parse_command(command: click.Command, words: list[str], page: Path, parent: click.Context | None = None) -> None:
    """Parse a command line with click, including subcommands, without running it."""
    context = command.make_context(command.name, list(words), parent=parent, resilient_parsing="--help" in words)
    words_left = [*context._protected_args, *context.args]  # noqa: SLF001 - until click 9 both hold the rest
    if isinstance(command, click.Group) and words_left:
        name, subcommand, rest = command.resolve_command(context, words_left)
        assert subcommand is not None, f"{page.name}: {name}"
        parse_command(subcommand, rest, page, parent=context)


@cache
def list_operations(service: str) -> dict[str, OperationModel]:
    """Return a service's operations by their AWS CLI names."""
    model = botocore.session.Session().get_service_model(service)
    return {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}


@pytest.mark.parametrize(("page", "words"), AWS, ids=get_id)
def test_aws_cli_commands_parse(page: Path, words: list[str]) -> None:
    _, service, operation, *rest = words
    operations = list_operations({"s3api": "s3"}.get(service, service))
    assert operation in operations, page.name
    shape = operations[operation].input_shape
    members = {xform_name(name, "-") for name in shape.members} if shape else set()
    members |= _RENAMED.get((service, operation), set())
    takes = members | _ANYWHERE | {f"no-{name}" for name in members}
    given = {word.removeprefix("--").partition("=")[0] for word in rest if word.startswith("--")}
    assert given <= takes, page.name


def load_script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("page", "words"), PYTHON, ids=get_id)
def test_script_and_module_commands_parse(page: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert_command_parses(page, words, capsys)
    if "--" in words:  # the command that it runs
        assert_command_parses(page, words[words.index("--") + 1 :], capsys)


def assert_command_parses(page: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    _, called, *rest = words
    try:
        if Path(called).name in SCRIPTS:
            load_script(Path(called).name).parse_arguments(rest)
        elif rest[:1] == ["sandbox"]:
            sandbox_parser().parse_args(rest[1:])
    except SystemExit:
        pytest.fail(f"{page.name}: {capsys.readouterr().err}")


def test_documentation_has_commands() -> None:
    assert len(FAILOVERCTL) > 30
    assert len(AWS) > 10
    assert len(PYTHON) > 5


@pytest.mark.parametrize("page", PAGES, ids=get_id)
def test_commands_are_in_code_blocks(page: Path) -> None:
    flowing = re.findall(
        r"^(?:scripts/)?(?:failoverctl|aws|python|sam|curl|dig) .*--\w.*$", read_text(page), re.MULTILINE
    )
    fenced = "".join(re.findall(r"^```.*?^```$", read_text(page), re.MULTILINE | re.DOTALL))

    assert [line for line in flowing if line not in fenced] == []
