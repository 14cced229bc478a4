"""One sound sandbox for all the ways of breaking it."""

from collections.abc import Iterator

import pytest

from tests.integration.preflight.healthy_site import HealthySite, PreflightProcess, build_healthy_site


@pytest.fixture(scope="session")
def site() -> Iterator[HealthySite]:
    with build_healthy_site() as sound:
        yield sound


@pytest.fixture(scope="session")
def preflight_process(site: HealthySite) -> Iterator[PreflightProcess]:
    looker = PreflightProcess(site.sandbox, site.environment)
    yield looker
    looker.close()
