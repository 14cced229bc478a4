import pytest

from bench.world.step_function import FOREVER, StepFunction, with_episodes


def test_value_holds_from_its_change() -> None:
    function = StepFunction("well", [(10.0, "sick"), (20.0, "well")])

    assert [function.value_at(moment) for moment in (0.0, 9.9, 10.0, 19.9, 20.0)] == [
        "well",
        "well",
        "sick",
        "sick",
        "well",
    ]


def test_next_change_is_the_first_after_the_moment() -> None:
    function = StepFunction("well", [(10.0, "sick"), (20.0, "well")])

    assert [function.find_next_change(moment) for moment in (0.0, 10.0, 20.0)] == [10.0, 20.0, FOREVER]


def test_episodes_are_sorted_and_end_at_the_baseline() -> None:
    assert list(with_episodes(0, (30.0, 40.0, 2), (10.0, 20.0, 1)).iterate_changes()) == [
        (10.0, 1),
        (20.0, 0),
        (30.0, 2),
        (40.0, 0),
    ]


def test_episodes_may_touch_but_not_overlap() -> None:
    assert with_episodes(0, (10.0, 20.0, 1), (20.0, 30.0, 2)).value_at(20.0) == 2
    with pytest.raises(ValueError, match="starts at 19 s overlaps"):
        with_episodes(0, (10.0, 20.0, 1), (19.0, 30.0, 2))
