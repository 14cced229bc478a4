"""A site on which nothing is wrong."""

from tests.integration.preflight.site import Looker


def test_on_a_sound_site_every_check_passes(looker: Looker) -> None:
    found = looker.look_clearly(active=True)
    assert {each["check"]: each["sentence"] for each in found.values() if each["outcome"] != "passed"} == {}
