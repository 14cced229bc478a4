"""A record whose health check was deleted: preflight names it on a calm day, and the script moves users without it."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.integration.preflight.healthy_site import DOMAIN, ROOT, TOKYO, VIRGINIA, HealthySite, PreflightProcess
from tests.integration.preflight.misconfigurations import attach_health_checks, delete_check_of_standby_record


def run_script(site: HealthySite, to: str, *extra: str) -> tuple[int, str]:
    """Run the script outside AWS and return its exit code and output."""
    script = str(ROOT / "scripts" / "break_glass.py")
    process = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, script, "--zone", site.zone_id, "--domain", DOMAIN, "--to", to, "--yes", *extra],
        env=site.sandbox.build_environment() | dict(site.sandbox.description["credentials"]),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    return process.returncode, process.stdout


@pytest.fixture
def deleted_check(site: HealthySite) -> Iterator[str]:
    """Give the standby's record a health check, delete the check, and return its id."""
    yield delete_check_of_standby_record(site)
    assert run_script(site, TOKYO)[0] == 0
    attach_health_checks(site)


def test_users_move_after_health_check_of_standby_record_was_deleted(
    site: HealthySite, preflight_process: PreflightProcess, deleted_check: str
) -> None:
    finding = preflight_process.run_checks()["checks-exist"]
    assert finding["outcome"] == "failed"
    assert f"{deleted_check} does not exist in this account ({DOMAIN}. CNAME 'us-east-1'" in str(finding["message"])

    code, output = run_script(site, VIRGINIA)
    assert code == 1
    assert f"{deleted_check} on us-east-1 (CNAME): deleted" in output
    assert f"--to {VIRGINIA} --without-check {deleted_check}" in output
    assert {record["Weight"] for record in site.list_traffic_records() if record["SetIdentifier"] == TOKYO} == {255}

    code, output = run_script(site, VIRGINIA, "--without-check", deleted_check)
    assert code == 0, output
    assert {record["Weight"] for record in site.list_traffic_records() if record["SetIdentifier"] == TOKYO} == {0}
    assert preflight_process.run_checks()["checks-exist"]["outcome"] == "passed"
