"""Runs this checkout's ``failoverctl replicate`` against a sandbox."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.client import SandboxClient

ROOT = Path(__file__).parents[4]
FAILOVERCTL = ROOT / "scripts" / "failoverctl"
POLICY = ROOT / "docs" / "policies" / "replicate.json"


def replicate_to_completion(
    sandbox: SandboxClient, pool_id: str, *arguments: str, credentials: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run the command until it succeeds and return its answer. The default credentials are the administrator's."""
    finished = run_replicate(sandbox, pool_id, *arguments, credentials=credentials)
    assert finished.returncode == 0, finished.stderr + finished.stdout
    return dict(json.loads(finished.stdout))


def run_replicate(
    sandbox: SandboxClient, pool_id: str, *arguments: str, credentials: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command and return its result, also if it fails."""
    where = ["--sandbox", sandbox.network.prefix, "--json", "replicate", "--standby", sandbox.description["standby"]]
    # The environment is already on the sandbox's network, so the command keeps these credentials.
    environment = {**sandbox.build_environment(), **credentials} if credentials else None
    return subprocess.run(  # noqa: S603 - the command of this checkout
        [str(FAILOVERCTL), *where, "--pool", pool_id, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def create_replicator(sandbox: SandboxClient, *, without: str = "") -> dict[str, str]:
    """Create a user with only the policy docs/policies/replicate.json, and return its credentials.

    Parameters
    ----------
    without
        A statement of the policy to leave out.

    """
    policy = json.loads(POLICY.read_text(encoding="utf-8"))
    policy["Statement"] = [statement for statement in policy["Statement"] if statement["Sid"] != without]
    iam, name = sandbox.client("iam", sandbox.description["standby"]), f"replicator-without-{without or 'nothing'}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="replicate", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def parse_step_states(answer: dict[str, Any]) -> dict[str, str]:
    """Return the state of each step."""
    return {step["name"]: step["state"] for step in answer["steps"]}
