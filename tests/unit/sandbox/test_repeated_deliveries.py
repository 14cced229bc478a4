"""Both deliveries of one scheduled event have the same request id."""

from itertools import count

from sandbox.repeated_deliveries import RepeatedDeliveries


def invoke(deliveries: RepeatedDeliveries, function: str) -> tuple[str, str]:
    """Return the request id of an invocation, and an id that is created after it."""
    with deliveries.use_request_id(function):
        request_id = deliveries.create_id()
    return request_id, deliveries.create_id()


def test_two_deliveries_share_a_request_id_and_the_next_has_its_own() -> None:
    numbers = count()
    deliveries = RepeatedDeliveries(lambda: f"id-{next(numbers)}")
    deliveries.expect("tick")
    ids = [invoke(deliveries, "tick")[0] for _ in range(3)]
    assert ids[0] == ids[1] == "id-0"
    assert ids[2] != ids[0]


def test_other_functions_and_later_ids_are_unchanged() -> None:
    numbers = count()
    deliveries = RepeatedDeliveries(lambda: f"id-{next(numbers)}")
    deliveries.expect("tick")
    assert invoke(deliveries, "another") == ("id-1", "id-2")
    assert invoke(deliveries, "tick") == ("id-0", "id-3")


def test_invocation_that_enters_again_is_one_delivery() -> None:
    numbers = count()
    deliveries = RepeatedDeliveries(lambda: f"id-{next(numbers)}")
    deliveries.expect("tick")
    with deliveries.use_request_id("tick"), deliveries.use_request_id("tick"):
        assert deliveries.create_id() == "id-0"
    assert invoke(deliveries, "tick") == ("id-0", "id-1")
