"""Files for contributors agree with the Makefile and with each other."""

import re
from typing import Any

import hypothesis
import yaml

from tests.unit.docs.pages import ROOT, read_text

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook
    for repo in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    for hook in repo["hooks"]
}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read_variable(name: str) -> str:
    match = re.search(rf"^{name} := (.+)$", MAKEFILE, re.MULTILINE)
    assert match
    return match[1]


def test_mypy_hook_checks_the_same_folders_as_make() -> None:
    assert HOOKS["mypy"]["entry"] == f".venv/bin/mypy {read_variable('CODE')}"


def test_cfn_lint_hook_checks_every_template() -> None:
    pattern = re.compile(HOOKS["cfn-lint"]["files"])

    assert [template for template in read_variable("TEMPLATES").split() if not pattern.search(template)] == []


def test_workflows_run_existing_commands() -> None:
    commands = [step["run"] for path in WORKFLOWS for step in read_steps(path.read_text(encoding="utf-8"))]
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))

    assert ".ci/run" in commands
    assert {command.removeprefix("make ") for command in commands if command.startswith("make ")} <= targets


def read_steps(workflow: str) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow)["jobs"].values()
    return [step for job in jobs for step in job["steps"] if "run" in step]


def test_fuzz_profile_draws_new_examples_without_deadline() -> None:
    profile = hypothesis.settings.get_profile("fuzz")

    assert (profile.deadline, profile.derandomize, profile.max_examples) == (None, False, 1000)


def test_every_package_of_the_layer_is_described() -> None:
    package = ROOT / "layers" / "failover" / "cognito_failover"
    folders = {path.name for path in package.iterdir() if (path / "__init__.py").is_file()}
    text = read_text(ROOT / "docs" / "contributing.md")

    assert sorted(folder for folder in folders if f"`{folder}/`" not in text) == []


def test_version_is_in_changelog() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    assert f"## [{version[1]}]" in read_text(ROOT / "CHANGELOG.md")
