"""Sign-ins of unmodified clients that know one host, while its records move."""

from tests.integration.clients.programs import ClientProgram
from tests.integration.front.fronts import FrontDeployment
from tests.support.settings import TOKYO, VIRGINIA


def _build_order(fronts: FrontDeployment, *, pause: bool = False, password: str | None = None) -> dict[str, object]:
    user = fronts.user
    return {"username": user["username"], "password": password or user["password"], "pause": pause}


def _count_posts_in(fronts: FrontDeployment, region: str) -> int:
    return sum('"method":"POST"' in line for line in fronts.read_log(region))


def test_users_sign_in_before_during_and_after_failover(app: ClientProgram, fronts: FrontDeployment) -> None:
    signed_in = {"user": fronts.user["username"], "restarts": 0}
    in_virginia = _count_posts_in(fronts, VIRGINIA)
    assert app.send(_build_order(fronts)) == signed_in
    assert _count_posts_in(fronts, VIRGINIA) == in_virginia

    assert app.send(_build_order(fronts, pause=True)) == {"paused": True}
    with fronts.sandbox.inject_fault(effect="refuse", region=TOKYO):
        fronts.point_dns_to(VIRGINIA)
        # The second of the two calls reaches the other Region, which does not know the first call.
        assert app.send({}) == {**signed_in, "restarts": 1}
        assert app.send(_build_order(fronts)) == signed_in

    assert _count_posts_in(fronts, VIRGINIA) > in_virginia


def test_sign_in_fails_until_records_move(app: ClientProgram, fronts: FrontDeployment) -> None:
    with fronts.sandbox.inject_fault(effect="refuse", region=TOKYO):
        before_move = app.send(_build_order(fronts))
        fronts.point_dns_to(VIRGINIA)
        after_move = app.send(_build_order(fronts))

    assert "error" in before_move
    assert after_move == {"user": fronts.user["username"], "restarts": 0}


def test_app_gives_up_on_a_dead_region_and_signs_in_after_the_move(app: ClientProgram, fronts: FrontDeployment) -> None:
    with fronts.sandbox.inject_fault(effect="dead", region=TOKYO):
        while_dead = app.send(_build_order(fronts))  # without a timeout this would hang for five minutes
        fronts.point_dns_to(VIRGINIA)
        after_move = app.send(_build_order(fronts))

    assert "error" in while_dead
    assert after_move == {"user": fronts.user["username"], "restarts": 0}


def test_wrong_password_is_not_treated_as_interrupted_sign_in(app: ClientProgram, fronts: FrontDeployment) -> None:
    refused = app.send(_build_order(fronts, password="Wrong1!wrong"))

    assert refused == {"error": "NotAuthorizedException", "restarts": 0}


def test_sign_in_on_open_connection_survives_move(app: ClientProgram, fronts: FrontDeployment) -> None:
    assert app.send(_build_order(fronts, pause=True)) == {"paused": True}
    fronts.point_dns_to(VIRGINIA)

    assert app.send({}) == {"user": fronts.user["username"], "restarts": 0}
