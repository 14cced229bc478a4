"""Preflight in a healthy site."""

from tests.integration.preflight.healthy_site import PreflightProcess


def test_healthy_site_passes_every_check(preflight_process: PreflightProcess) -> None:
    findings = preflight_process.run_checks_until_stable(active=True)
    assert {check: finding["message"] for check, finding in findings.items() if finding["outcome"] != "passed"} == {}
