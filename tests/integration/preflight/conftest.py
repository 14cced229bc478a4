"""One healthy sandbox, shared by all tests that break it."""

from collections.abc import Iterator

import pytest

from tests.integration.preflight.healthy_site import HealthySite, PreflightProcess, build_healthy_site


@pytest.fixture(scope="session")
def site() -> Iterator[HealthySite]:
    with build_healthy_site() as healthy_site:
        yield healthy_site


@pytest.fixture(scope="session")
def preflight_process(site: HealthySite) -> Iterator[PreflightProcess]:
    process = PreflightProcess(site.sandbox, site.environment)
    yield process
    process.close()
