"""A site on which nothing is wrong."""

from tests.integration.preflight.healthy_site import PreflightProcess


def test_healthy_site_passes_every_check(preflight_process: PreflightProcess) -> None:
    found = preflight_process.run_checks_until_stable(active=True)
    assert {each["check"]: each["message"] for each in found.values() if each["outcome"] != "passed"} == {}
