from typing import Any

import pytest

from sandbox.exchange import Request
from sandbox.faults import Fault, Faults, Passage
from sandbox.invalid import InvalidFieldError

TOKYO, VIRGINIA, IRELAND = "ap-northeast-1", "us-east-1", "eu-west-1"


def faults(*raw: dict[str, Any], dice: float = 0.5) -> Faults:
    made = Faults((TOKYO, VIRGINIA, IRELAND), dice=lambda: dice)
    for number, fault in enumerate(raw):
        made.set(made.parse(fault, fault_id=str(number)))
    return made


def call(region: str = TOKYO, *, caller: str | None = None, operation: str = "InitiateAuth") -> Request:
    return Request(
        region=region,
        caller_region=caller,
        account="123456789012",
        service="cognito-idp",
        operation=operation,
        method="POST",
        path="/",
        query="",
        headers={},
        body=b"",
        signed=False,
    )


@pytest.mark.parametrize("caller", [None, TOKYO, VIRGINIA])
def test_nobody_reaches_a_dead_region_and_it_reaches_nobody(caller: str | None) -> None:
    world = faults({"effect": "dead", "region": TOKYO})
    assert world.severed(caller, TOKYO)
    assert world.severed(TOKYO, VIRGINIA)
    assert not world.severed(VIRGINIA, IRELAND)


def test_a_region_that_is_cut_off_reaches_itself_only_and_goes_on() -> None:
    world = faults({"effect": "cut-off", "region": VIRGINIA})
    assert not world.severed(VIRGINIA, VIRGINIA)
    assert world.severed(VIRGINIA, TOKYO)
    assert world.severed(TOKYO, VIRGINIA)
    assert world.severed(None, VIRGINIA)
    assert not world.is_dead(VIRGINIA)
    assert not world.reaches_world(VIRGINIA)


def test_regions_are_linked_unless_one_is_dead_or_cut_off() -> None:
    assert faults().linked(TOKYO, VIRGINIA)
    assert not faults({"effect": "dead", "region": TOKYO}).linked(TOKYO, VIRGINIA)
    assert not faults({"effect": "cut-off", "region": VIRGINIA}).linked(TOKYO, VIRGINIA)


def test_a_refusal_from_one_place_meets_callers_there_only() -> None:
    world = faults({"effect": "refuse", "region": TOKYO, "from_region": VIRGINIA})
    assert world.passage(caller_region=VIRGINIA, region=TOKYO) is Passage.REFUSE
    assert world.passage(caller_region=None, region=TOKYO) is Passage.OPEN
    assert not world.closed(TOKYO)


def test_a_refusal_of_the_target_leaves_the_api_open() -> None:
    world = faults({"effect": "refuse", "region": TOKYO, "service": "target"})
    assert world.closed(TOKYO, "target")
    assert not world.closed(TOKYO)


def test_waits_add_up_and_the_first_ending_ends() -> None:
    world = faults(
        {"effect": "latency", "seconds": 1.5},
        {"effect": "latency", "seconds": 2, "region": TOKYO},
        {"effect": "throttle", "service": "cognito-idp"},
        {"effect": "hang"},
    )
    treatment = world.treatment(call())
    assert treatment.wait_seconds == 3.5
    assert treatment.ending is not None
    assert treatment.ending.effect == "throttle"


@pytest.mark.parametrize(
    "elsewhere",
    [{"region": VIRGINIA}, {"service": "sns"}, {"operation": "GetUser"}, {"from_region": VIRGINIA}],
)
def test_a_fault_leaves_other_calls_alone(elsewhere: dict[str, str]) -> None:
    assert faults({"effect": "hang", **elsewhere}).treatment(call()).ending is None


def test_a_caller_outside_can_be_singled_out() -> None:
    world = faults({"effect": "hang", "from_region": "outside"})
    assert world.treatment(call()).ending is not None
    assert world.treatment(call(caller=IRELAND)).ending is None


@pytest.mark.parametrize(("dice", "met"), [(0.29, True), (0.3, False)])
def test_a_brownout_meets_its_fraction_of_calls(dice: float, *, met: bool) -> None:
    world = faults({"effect": "reset", "fraction": 0.3}, dice=dice)
    assert (world.treatment(call()).ending is not None) is met


def test_a_fault_of_the_same_name_is_replaced_and_listeners_hear_of_it() -> None:
    world, heard = faults(), list[str]()
    world.listen(before=lambda: heard.append("before"), after=lambda: heard.append("after"))
    world.set(world.parse({"id": "x", "effect": "hang"}))
    world.set(world.parse({"id": "x", "effect": "reset"}))
    assert [fault.effect for fault in world.in_force()] == ["reset"]
    assert heard == ["before", "after"] * 2


def test_one_fault_is_cleared_or_all() -> None:
    world = faults({"effect": "hang"}, {"effect": "reset"}, {"effect": "throttle"})
    assert world.clear("1") == 1
    assert world.clear("1") == 0
    assert world.clear() == 2


def test_a_fault_is_named_after_what_it_does() -> None:
    assert faults().parse({"effect": "hang", "region": TOKYO, "service": "sns"}).id == "ap-northeast-1-sns-hang"


@pytest.mark.parametrize(
    ("raw", "field", "hint"),
    [
        ([], "fault", "JSON object"),
        ({"effect": "deadly"}, "effect", "dead, cut-off"),
        ({}, "effect", "dead, cut-off"),
        ({"effect": "dead"}, "region", TOKYO),
        ({"effect": "hang", "region": "sa-east-1"}, "region", TOKYO),
        ({"effect": "hang", "from_region": "moon"}, "from_region", "outside"),
        ({"effect": "hang", "regoin": TOKYO}, "regoin", "region"),
        ({"effect": "hang", "fraction": 0}, "fraction", "from 0 to 1"),
        ({"effect": "hang", "fraction": True}, "fraction", "from 0 to 1"),
        ({"effect": "latency"}, "seconds", "up to 900"),
        ({"effect": "latency", "seconds": -1}, "seconds", "from 0 to 900"),
        ({"effect": "error"}, "code", "InternalErrorException"),
        ({"effect": "error", "code": "X", "status": 200}, "status", "from 400 to 599"),
        ({"effect": "refuse", "service": "sns"}, "service", "reset"),
        ({"effect": "dead", "region": TOKYO, "service": "sns"}, "service", "whole Region"),
        ({"effect": "cut-off", "region": TOKYO, "fraction": 0.5}, "fraction", "whole Region"),
        ({"effect": "hang", "service": 7}, "service", "text"),
    ],
)
def test_a_wrong_fault_is_refused_with_the_field_and_the_way_out(raw: object, field: str, hint: str) -> None:
    with pytest.raises(InvalidFieldError, match=hint) as refused:
        faults().parse(raw)
    assert refused.value.field == field
    assert "for example" in str(refused.value)


def test_a_fault_knows_where_its_caller_is() -> None:
    fault = Fault(id="x", effect=faults().parse({"effect": "hang"}).effect, from_region=TOKYO)
    assert fault.meets_caller(TOKYO)
    assert not fault.meets_caller(None)


@pytest.mark.parametrize(
    ("fault", "answered"),
    [
        ({"effect": "hang", "service": "name-servers"}, (False, False)),
        ({"effect": "hang", "service": "name-servers", "from_region": TOKYO}, (False, True)),
        ({"effect": "hang", "service": "name-servers", "from_region": "outside"}, (True, False)),
        ({"effect": "hang", "service": "health-checkers"}, (True, True)),
        ({"effect": "hang", "service": "route53"}, (True, True)),
        ({"effect": "cut-off", "region": TOKYO}, (False, True)),
    ],
    ids=str,
)
def test_name_servers_fall_silent_for_some_or_for_all(fault: dict[str, str], answered: tuple[bool, bool]) -> None:
    broken = faults(fault)
    assert (broken.name_servers_answer(TOKYO), broken.name_servers_answer(None)) == answered


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        ({"effect": "hang", "service": "health-checkers"}, (False, False)),
        ({"effect": "hang", "service": "health-checkers", "region": TOKYO}, (False, True)),
        ({"effect": "hang", "service": "name-servers"}, (True, True)),
        ({"effect": "dead", "region": TOKYO}, (False, True)),
        ({"effect": "cut-off", "region": TOKYO}, (False, True)),
    ],
    ids=str,
)
def test_health_checkers_are_heard_from_where_nothing_silences_them(
    fault: dict[str, str], heard: tuple[bool, bool]
) -> None:
    broken = faults(fault)
    assert (broken.health_checkers_report(TOKYO), broken.health_checkers_report(None)) == heard


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"effect": "error", "code": "X", "service": "name-servers"}, "effect"),
        ({"effect": "refuse", "service": "health-checkers"}, "effect"),
        ({"effect": "hang", "service": "name-servers", "region": TOKYO}, "region"),
        ({"effect": "hang", "service": "name-servers", "operation": "Query"}, "operation"),
        ({"effect": "hang", "service": "health-checkers", "from_region": TOKYO}, "from_region"),
        ({"effect": "hang", "service": "health-checkers", "fraction": 0.5}, "fraction"),
    ],
    ids=str,
)
def test_a_fault_of_the_data_plane_says_nothing_that_would_not_count(fault: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidFieldError) as refused:
        faults(fault)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        ({"effect": "throttle", "service": "route53", "operation": "CreateHealthCheck"}, False),
        ({"effect": "throttle", "service": "route53", "operation": "GetChange"}, True),
        ({"effect": "latency", "service": "route53", "seconds": 1}, True),
        ({"effect": "hang", "service": "route53", "from_region": "outside"}, True),
        ({"effect": "dead", "region": VIRGINIA}, False),
        ({"effect": "cut-off", "region": TOKYO}, False),
    ],
    ids=str,
)
def test_a_service_meets_the_faults_of_the_one_it_calls(fault: dict[str, object], answers: bool) -> None:
    assert faults(fault).answers("route53", "CreateHealthCheck", region=VIRGINIA, caller_region=TOKYO) is answers
