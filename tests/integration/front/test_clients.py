"""Unmodified clients that know one host, and what becomes of their sign-ins while its records move."""

from tests.integration.clients.programs import Program
from tests.integration.front.fronts import Fronts
from tests.support.settings import TOKYO, VIRGINIA


def _order(fronts: Fronts, *, pause: bool = False, password: str | None = None) -> dict[str, object]:
    person = fronts.person
    return {"username": person["username"], "password": password or person["password"], "pause": pause}


def _answered_in(fronts: Fronts, region: str) -> int:
    return sum('"method":"POST"' in line for line in fronts.log(region))


def test_users_sign_in_before_during_and_after_a_failover(app: Program, fronts: Fronts) -> None:
    signed_in = {"user": fronts.person["username"], "restarts": 0}
    in_virginia = _answered_in(fronts, VIRGINIA)
    assert app.send(_order(fronts)) == signed_in
    assert _answered_in(fronts, VIRGINIA) == in_virginia

    assert app.send(_order(fronts, pause=True)) == {"paused": True}
    with fronts.sandbox.fault(effect="refuse", region=TOKYO):
        fronts.point_at(VIRGINIA)
        # The second of its two calls comes to the other Region, which knows nothing of the first.
        assert app.send({}) == {**signed_in, "restarts": 1}
        assert app.send(_order(fronts)) == signed_in

    assert _answered_in(fronts, VIRGINIA) > in_virginia


def test_nobody_signs_in_until_the_records_have_moved(app: Program, fronts: Fronts) -> None:
    with fronts.sandbox.fault(effect="refuse", region=TOKYO):
        lost = app.send(_order(fronts))
        fronts.point_at(VIRGINIA)
        found = app.send(_order(fronts))

    assert "error" in lost
    assert found == {"user": fronts.person["username"], "restarts": 0}


def test_a_wrong_password_is_not_taken_for_a_caught_sign_in(app: Program, fronts: Fronts) -> None:
    refused = app.send(_order(fronts, password="Wrong1!wrong"))

    assert refused == {"error": "NotAuthorizedException", "restarts": 0}


def test_a_move_between_living_regions_catches_no_sign_in_on_an_open_connection(app: Program, fronts: Fronts) -> None:
    assert app.send(_order(fronts, pause=True)) == {"paused": True}
    fronts.point_at(VIRGINIA)

    assert app.send({}) == {"user": fronts.person["username"], "restarts": 0}
