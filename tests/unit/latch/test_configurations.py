"""Records alone, Cognito's domain alone, or both: what is made of each, and what is refused."""

from typing import Any

import botocore.session
import pytest

from failover.assembly_levers import Hands
from failover.assembly_operator import fittings
from failover.errors import SettingsError
from failover.levers.domain_check import DomainCheck
from failover.levers.latch import LatchName
from failover.levers.latch_metric import MetricSwitch
from failover.levers.latch_object import ObjectSwitch
from failover.levers.record_checks import RecordChecks
from failover.probe.places import places_of
from failover.rounds.punctual import Timekeeper
from failover.settings import Settings
from tests.support.settings import DOMAIN_ONLY, settings
from tests.unit.latch.stage import BOTH

RECORDS, DOMAIN = LatchName.RECORDS, LatchName.DOMAIN
METRIC = {"latch_bucket": "", "latch_metric_namespace": "CognitoFailover/Latch/stack"}
RECORDS_ONLY = {**BOTH, "managed_login_domain": "", "domain_latch_check_id": ""}


def hands(given: Settings) -> Hands:
    return Hands.from_settings(given, botocore.session.Session())


def test_without_a_latch_only_the_weights_are_driven() -> None:
    levers = hands(settings()).on_time(Timekeeper())
    assert levers.records is not None
    assert levers.latches == ()
    assert fittings(hands(settings())) == ()


@pytest.mark.parametrize(
    ("changes", "names", "attachments"),
    [
        pytest.param(RECORDS_ONLY, [RECORDS], [RecordChecks], id="records only"),
        pytest.param(DOMAIN_ONLY, [DOMAIN], [DomainCheck], id="domain only"),
        pytest.param(BOTH, [RECORDS, DOMAIN], [RecordChecks, DomainCheck], id="both"),
        pytest.param({**BOTH, **METRIC}, [RECORDS, DOMAIN], [RecordChecks, DomainCheck], id="both, by metric"),
    ],
)
def test_each_configuration_has_the_latches_it_needs(
    changes: dict[str, Any], names: list[LatchName], attachments: list[type]
) -> None:
    given = settings(**changes)
    levers = hands(given).on_time(Timekeeper())
    assert (levers.records is not None) is given.moves_records
    assert [latch.name for latch in levers.latches] == names
    assert [type(fitting.attachment) for fitting in fittings(hands(given))] == attachments


def test_a_latch_is_made_of_what_was_chosen() -> None:
    def kinds(changes: dict[str, Any]) -> set[type]:
        return {type(latch._switch) for latch in hands(settings(**changes)).latches}  # noqa: SLF001 - the choice

    assert kinds(BOTH) == {ObjectSwitch}
    assert kinds({**BOTH, **METRIC}) == {MetricSwitch}


def test_without_records_no_target_is_probed() -> None:
    targets = places_of(settings(**DOMAIN_ONLY)).targets
    assert targets.primary is None
    assert targets.standby is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"domain_name": "", "primary_target": "", "standby_target": ""}, "there is nothing to move"),
        ({"primary_target": ""}, "PRIMARY_TARGET must be given, since DOMAIN_NAME is auth.example.com"),
        ({"standby_target": ""}, "STANDBY_TARGET must be given"),
        ({**DOMAIN_ONLY, "standby_target": "a.example.com"}, "STANDBY_TARGET must be empty where DOMAIN_NAME is"),
        ({**DOMAIN_ONLY, "target_probe_path": "/x"}, "TARGET_PROBE_PATH must be empty where DOMAIN_NAME is"),
        ({**BOTH, "managed_login_domain": "auth.example.com"}, "DOMAIN_NAME and MANAGED_LOGIN_DOMAIN are both auth"),
        ({**DOMAIN_ONLY, "domain_latch_check_id": ""}, "DOMAIN_LATCH_CHECK_ID is empty; deploy with LatchForm=object"),
        ({**BOTH, "latch_metric_namespace": "n"}, "LATCH_BUCKET and LATCH_METRIC_NAMESPACE are both set"),
        ({**BOTH, "latch_bucket": ""}, "neither LATCH_BUCKET nor LATCH_METRIC_NAMESPACE is set"),
        ({**BOTH, "managed_login_domain": ""}, "DOMAIN_LATCH_CHECK_ID is set, but MANAGED_LOGIN_DOMAIN is empty"),
        ({**BOTH, "standby_check_id": ""}, "RECORDS_LATCH_CHECK_ID is set, but DOMAIN_NAME or STANDBY_CHECK_ID is"),
    ],
)
def test_what_does_not_hang_together_is_refused_with_the_settings_name(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        settings(**changes)
