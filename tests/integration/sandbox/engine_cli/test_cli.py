"""The command line."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sandbox.client import NotRunningError, SandboxClient, get_state_folder
from sandbox.testing import ROOT, run_sandbox

TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"


def run_command(sandbox: SandboxClient, *arguments: str) -> subprocess.CompletedProcess[str]:
    name, *rest = arguments
    network = sandbox.network.prefix
    # The option --network belongs to the action of `fault`.
    words = [name, rest.pop(0)] if name == "fault" else [name]
    return subprocess.run(  # noqa: S603 - a module of this repository
        [sys.executable, "-m", "sandbox", *words, "--network", network, *rest],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _clear_faults(sandbox: SandboxClient) -> Iterator[None]:
    yield
    sandbox.call_control("DELETE", "/faults")


def test_env_exports_one_regions_endpoint_and_the_administrator(sandbox: SandboxClient) -> None:
    lines = run_command(sandbox, "env", "--region", VIRGINIA).stdout.splitlines()
    assert f"export AWS_ENDPOINT_URL=http://{sandbox.network.get_api_address(VIRGINIA)}:8080" in lines
    assert f"export AWS_DEFAULT_REGION={VIRGINIA}" in lines
    assert "export AWS_ACCESS_KEY_ID=123456789012" in lines


def test_run_gives_program_network_and_admin_credentials(sandbox: SandboxClient) -> None:
    code = "import boto3; print(boto3.client('sts', region_name='eu-west-1').get_caller_identity()['Arn'])"
    assert run_command(sandbox, "run", "--", sys.executable, "-c", code).stdout == "arn:aws:iam::123456789012:root\n"


def test_run_puts_a_program_inside_a_region(sandbox: SandboxClient) -> None:
    code = (
        "import socket; s = socket.create_connection(('sts.eu-west-1.amazonaws.com', 443)); print(s.getsockname()[0])"
    )
    done = run_command(sandbox, "run", "--in", VIRGINIA, "--", sys.executable, "-c", code)
    assert done.stdout.strip() == sandbox.network.get_inside_address(VIRGINIA)


def test_run_finds_the_name_servers_through_the_machines_own_resolver(sandbox: SandboxClient) -> None:
    zone = sandbox.client("route53", VIRGINIA).create_hosted_zone(Name="cli.example.org", CallerReference="cli")
    code = (
        "import dns.resolver, sys\n"
        "resolver = dns.resolver.Resolver(configure=False)\n"
        "resolver.nameservers = ['192.0.2.53']\n"
        "print(*sorted(str(record) for record in resolver.resolve('cli.example.org', 'NS')))\n"
    )
    done = run_command(sandbox, "run", "--in", TOKYO, "--", sys.executable, "-c", code)
    names = sorted(f"{name}." for name in zone["DelegationSet"]["NameServers"])
    assert done.stdout.split() == names, done.stderr


def test_run_rejects_unknown_region(sandbox: SandboxClient) -> None:
    done = run_command(sandbox, "run", "--in", "sa-east-1", "--", "true")
    assert done.returncode == 1
    assert "sa-east-1" in done.stderr


def test_fault_is_set_listed_and_cleared(sandbox: SandboxClient) -> None:
    set_up = run_command(sandbox, "fault", "set", "--region", TOKYO, "--effect", "dead")
    assert json.loads(set_up.stdout)["id"] == "ap-northeast-1-dead"
    assert [fault["effect"] for fault in json.loads(run_command(sandbox, "fault", "list").stdout)] == ["dead"]
    assert json.loads(run_command(sandbox, "fault", "clear", "ap-northeast-1-dead").stdout) == {"cleared": 1}


def test_invalid_fault_is_rejected_with_allowed_values(sandbox: SandboxClient) -> None:
    done = run_command(sandbox, "fault", "set", "--effect", "dead")
    assert done.returncode == 1
    assert "region: missing for effect dead" in done.stderr
    assert sandbox.call_control("GET", "/faults") == []


def test_settings_are_printed_and_changed(sandbox: SandboxClient) -> None:
    before = sandbox.call_control("GET", "/settings")
    assert json.loads(run_command(sandbox, "settings", "lag_seconds=7").stdout)["lag_seconds"] == 7
    assert json.loads(run_command(sandbox, "settings").stdout)["lag_seconds"] == 7
    sandbox.call_control("PUT", "/settings", before)


def test_setup_command_is_idempotent(sandbox: SandboxClient) -> None:
    first = run_command(sandbox, "setup")
    assert first.returncode == 0, first.stderr
    assert run_command(sandbox, "setup").stdout == first.stdout
    assert json.loads(first.stdout)["pool_id"].startswith(TOKYO)


def test_second_sandbox_on_same_network_is_rejected(sandbox: SandboxClient) -> None:
    done = run_command(sandbox, "serve")
    assert done.returncode == 1
    assert "can't listen on" in done.stderr
    assert sandbox.call_control("GET", "/faults") == []
    assert sandbox.certificate.exists()


def test_command_without_running_sandbox_explains_how_to_start_one() -> None:
    with pytest.raises(NotRunningError, match=r"serve --network 127\.9$"):
        SandboxClient.connect("127.9")


def test_another_pair_of_regions_works_and_ends_cleanly() -> None:
    with run_sandbox("--primary", "eu-central-1", "--standby", "eu-west-1", "--third", "us-west-2") as other:
        assert other.network.regions == ("eu-central-1", "eu-west-1", "us-west-2", VIRGINIA)
        for region in other.network.regions:
            assert other.client("sts", region).get_caller_identity()["Account"] == "123456789012"
    with pytest.raises(NotRunningError):
        SandboxClient.connect(other.network.prefix)


def test_temporary_sandbox_deletes_its_folder() -> None:
    with run_sandbox() as started:
        folder = get_state_folder(started.network.prefix)
        inode = folder.stat().st_ino
    # Another process may have started a sandbox on the same network since.
    assert not folder.exists() or folder.stat().st_ino != inode
