"""Measured health checks match those of the template."""

from failoverctl.measure.latches import ALARM_SETTINGS, build_metric_check_config, build_object_check_config
from tests.unit.template.rendering import STANDBY_REGION, Rendering


def test_object_check_matches_template_except_search_string() -> None:
    deployed = Rendering().get_resource("RecordsObjectCheck")["HealthCheckConfig"]
    measured = build_object_check_config("LatchBucket", STANDBY_REGION)

    assert {**measured, "SearchString": deployed["SearchString"]} == deployed
    assert measured["SearchString"] != deployed["SearchString"]


def test_metric_check_and_alarm_match_template() -> None:
    template = Rendering(LatchType="metric")
    alarm = template.get_resource("RecordsMetricAlarm")

    assert (
        build_metric_check_config("RecordsMetricAlarm", STANDBY_REGION)
        == template.get_resource("RecordsMetricCheck")["HealthCheckConfig"]
    )
    assert {name: alarm[name] for name in ALARM_SETTINGS} == ALARM_SETTINGS
