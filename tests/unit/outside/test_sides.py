"""An answer leads to one side, to neither, or was not given; what is asked is what users ask."""

from failover.levers.authority import Question
from failover.outside.sample import Tally
from failover.outside.sides import signs_of, tally
from tests.support.settings import DOMAIN_ONLY, TOKYO, VIRGINIA, settings
from tests.unit.outside.examples import alias, beacon, cname, sight

USUAL = settings()
NAME = Question(name="auth.example.com.", record_type="CNAME")


def tallied(*answers: set[str], asked: int = 3) -> Tally:
    signposts = signs_of(sight(cname(TOKYO), cname(VIRGINIA)), USUAL).resolved({})
    return tally(signposts, {NAME: tuple(frozenset(answer) for answer in answers)}, asked=asked)


def test_the_domain_itself_is_asked_not_its_beacon() -> None:
    signs = signs_of(sight(cname(TOKYO), cname(VIRGINIA), beacon(TOKYO), beacon(VIRGINIA)), USUAL)
    assert signs.questions == (NAME,)
    assert signs.hosts == ()


def test_where_only_cognitos_own_domain_is_moved_its_beacon_is_asked() -> None:
    name = "_region.login.example.com."
    signs = signs_of(sight(beacon(TOKYO, name), beacon(VIRGINIA, name)), settings(**DOMAIN_ONLY))
    assert signs.questions == (Question(name=name, record_type="TXT"),)
    [signpost] = signs.resolved({})
    assert signpost.values.standby == {VIRGINIA}


def test_answers_are_counted_by_the_side_they_lead_to() -> None:
    old, new = {"tokyo.target.example.com."}, {"virginia.target.example.com."}
    assert tallied(old, new, new) == Tally(primary=1, standby=2)


def test_an_answer_of_neither_side_is_unclear_and_one_not_given_is_missing() -> None:
    assert tallied({"elsewhere.example.com."}, set()) == Tally(unclear=2, missing=1)


def test_an_alias_is_read_by_what_its_targets_resolve_to() -> None:
    signs = signs_of(sight(alias(TOKYO), alias(VIRGINIA)), USUAL)
    tokyo, virginia = signs.hosts
    [signpost] = signs.resolved({tokyo: frozenset({"192.0.2.1", "192.0.2.9"}), virginia: frozenset({"192.0.2.2"})})
    answers = {signpost.question: (frozenset({"192.0.2.1"}), frozenset({"192.0.2.2"}))}
    assert tally([signpost], answers, asked=2) == Tally(primary=1, standby=1)


def test_an_address_that_both_targets_have_tells_nothing() -> None:
    signs = signs_of(sight(alias(TOKYO), alias(VIRGINIA)), USUAL)
    [signpost] = signs.resolved(dict.fromkeys(signs.hosts, frozenset({"192.0.2.1"})))
    assert signpost.side_of(frozenset({"192.0.2.1"})) is None


def test_records_that_stand_for_no_side_are_not_asked_for() -> None:
    foreign = {**cname(TOKYO), "ResourceRecords": [{"Value": "elsewhere.example.com"}]}
    assert signs_of(sight(foreign, cname(VIRGINIA)), USUAL).questions == ()


def test_how_many_answers_lead_where() -> None:
    counted = Tally(primary=1, standby=2, unclear=3, missing=4)
    assert counted.given == 6
    assert [counted.to(side) for side, _ in USUAL.regions] == [1, 2]
