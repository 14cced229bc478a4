"""One sound sandbox for all the ways of breaking it."""

from collections.abc import Iterator

import pytest

from tests.integration.preflight.site import Looker, Site, sound_site


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with sound_site() as sound:
        yield sound


@pytest.fixture(scope="session")
def looker(site: Site) -> Iterator[Looker]:
    looker = Looker(site.sandbox, site.environment)
    yield looker
    looker.close()
