"""What the templates deploy, as the reckoning reads it."""

from pathlib import Path

from bench import running_stack
from failoverctl.cost.deployed import Stack


def test_alarms_and_defaults_are_read_off_a_template_without_what_is_optional(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(
        """
Parameters:
  LogRetentionDays: { Type: Number, Default: 30 }
  MemorySizeMb: { Type: Number, Default: 512 }
  RoundIntervalSeconds: { Type: Number, Default: 20 }
  NotificationEmail: { Type: String }
Resources:
  Silent: { Type: "AWS::CloudWatch::Alarm", Properties: { AlarmName: !Sub "${AWS::StackName}-silent" } }
  Errors: { Type: "AWS::CloudWatch::Alarm", Properties: { AlarmName: errors, Metrics: [{ MetricStat: { Stat: Sum } },
    { MetricStat: { Stat: Sum } }, { Expression: "a + b" }], AlarmActions: !If [Told, [!Ref Topic], []] } }
  Latch: { Type: "AWS::CloudWatch::Alarm", Condition: LatchIsMetric, Properties: { MetricName: records } }
  Both: { Type: "AWS::CloudWatch::CompositeAlarm", Properties: { AlarmRule: !Sub "ALARM(${Silent})" } }
  Seen: { Type: "AWS::CloudWatch::Dashboard" }
  Topic: { Type: "AWS::SNS::Topic" }
"""
    )

    assert running_stack.stack(template, metrics=7) == Stack(
        metrics=7,
        alarm_metrics=3,
        composite_alarms=1,
        dashboards=1,
        log_retention_days=30,
        memory_mb=512,
        interval_seconds=20,
    )


def test_the_products_own_templates_can_be_read() -> None:
    deployed = running_stack.read()

    assert deployed.controller.alarm_metrics > 0
    assert deployed.observer.alarm_metrics > 0
