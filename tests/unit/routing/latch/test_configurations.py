"""Levers and latches of each configuration: records only, Cognito's domain only, or both."""

from typing import Any

import botocore.session
import pytest

from cognito_failover.common.errors import SettingsError
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.probe.probe_targets import build_probe_targets
from cognito_failover.routing.latch.attach_to_cognito_domain import CognitoDomainAttachment
from cognito_failover.routing.latch.attach_to_records import RecordsAttachment
from cognito_failover.routing.latch.metric_switch import MetricLatchSwitch
from cognito_failover.routing.latch.s3_switch import S3LatchSwitch
from cognito_failover.settings.controller import Settings
from cognito_failover.wiring.levers import LeverSet
from cognito_failover.wiring.operator import build_attachable_latches
from tests.support.settings import COGNITO_DOMAIN_ONLY, make_settings
from tests.unit.routing.latch.attachment_harness import BOTH_LATCHES

RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN
METRIC = {"latch_bucket": "", "latch_metric_namespace": "CognitoFailover/Latch/stack"}
RECORDS_ONLY = {**BOTH_LATCHES, "managed_login_domain": "", "domain_latch_check_id": ""}


def make_lever_set(settings: Settings) -> LeverSet:
    return LeverSet.from_settings(settings, botocore.session.Session())


def test_without_latch_only_the_records_move_users() -> None:
    levers = make_lever_set(make_settings()).with_deadlines(RoundBudget())
    assert levers.records is not None
    assert levers.latches == ()
    assert build_attachable_latches(make_lever_set(make_settings()), RoundBudget()) == ()


@pytest.mark.parametrize(
    ("changes", "names", "attachments"),
    [
        pytest.param(RECORDS_ONLY, [RECORDS], [RecordsAttachment], id="records only"),
        pytest.param(COGNITO_DOMAIN_ONLY, [DOMAIN], [CognitoDomainAttachment], id="domain only"),
        pytest.param(BOTH_LATCHES, [RECORDS, DOMAIN], [RecordsAttachment, CognitoDomainAttachment], id="both"),
        pytest.param(
            {**BOTH_LATCHES, **METRIC},
            [RECORDS, DOMAIN],
            [RecordsAttachment, CognitoDomainAttachment],
            id="both, by metric",
        ),
    ],
)
def test_configuration_has_its_required_latches(
    changes: dict[str, Any], names: list[SteeredName], attachments: list[type]
) -> None:
    settings = make_settings(**changes)
    levers = make_lever_set(settings).with_deadlines(RoundBudget())
    assert (levers.records is not None) is settings.has_managed_records
    assert [latch.name for latch in levers.latches] == names
    latches = build_attachable_latches(make_lever_set(settings), RoundBudget())
    assert [type(latch.attachment_point) for latch in latches] == attachments


def test_latch_type_matches_setting() -> None:
    def get_switch_types(changes: dict[str, Any]) -> set[type]:
        return {type(latch._switch) for latch in make_lever_set(make_settings(**changes)).latches}  # noqa: SLF001 - the type under test

    assert get_switch_types(BOTH_LATCHES) == {S3LatchSwitch}
    assert get_switch_types({**BOTH_LATCHES, **METRIC}) == {MetricLatchSwitch}


def test_without_records_no_target_is_probed() -> None:
    targets = build_probe_targets(make_settings(**COGNITO_DOMAIN_ONLY)).targets
    assert targets.primary is None
    assert targets.standby is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"domain_name": "", "primary_target": "", "standby_target": ""}, "there is nothing to move"),
        ({"primary_target": ""}, "PRIMARY_TARGET must be set, because DOMAIN_NAME is auth.example.com"),
        ({"standby_target": ""}, "STANDBY_TARGET must be set"),
        (
            {**COGNITO_DOMAIN_ONLY, "standby_target": "a.example.com"},
            "STANDBY_TARGET must be empty if DOMAIN_NAME is",
        ),
        ({**COGNITO_DOMAIN_ONLY, "target_probe_path": "/x"}, "TARGET_PROBE_PATH must be empty if DOMAIN_NAME is"),
        (
            {**BOTH_LATCHES, "managed_login_domain": "auth.example.com"},
            "DOMAIN_NAME and MANAGED_LOGIN_DOMAIN are both auth",
        ),
        (
            {**COGNITO_DOMAIN_ONLY, "domain_latch_check_id": ""},
            "DOMAIN_LATCH_CHECK_ID is empty. Deploy with LatchType=object",
        ),
        ({**BOTH_LATCHES, "latch_metric_namespace": "n"}, "LATCH_BUCKET and LATCH_METRIC_NAMESPACE are both set"),
        ({**BOTH_LATCHES, "latch_bucket": ""}, "neither LATCH_BUCKET nor LATCH_METRIC_NAMESPACE is set"),
        (
            {**BOTH_LATCHES, "managed_login_domain": ""},
            "DOMAIN_LATCH_CHECK_ID is set, but MANAGED_LOGIN_DOMAIN is empty",
        ),
        (
            {**BOTH_LATCHES, "standby_check_id": ""},
            "RECORDS_LATCH_CHECK_ID is set, but DOMAIN_NAME or STANDBY_CHECK_ID is",
        ),
    ],
)
def test_contradictory_settings_are_rejected_by_name(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        make_settings(**changes)
