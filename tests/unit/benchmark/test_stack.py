"""The resources of the templates that the cost estimate reads."""

from pathlib import Path

from bench.benchmark import deployed_stack
from failoverctl.cost.deployed import StackResources


def test_stack_counts_alarms_without_optional_resources(tmp_path: Path) -> None:
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
    { MetricStat: { Stat: Sum } }, { Expression: "a + b" }], AlarmActions: !If [Notified, [!Ref Topic], []] } }
  Latch: { Type: "AWS::CloudWatch::Alarm", Condition: LatchIsMetric, Properties: { MetricName: records } }
  Both: { Type: "AWS::CloudWatch::CompositeAlarm", Properties: { AlarmRule: !Sub "ALARM(${Silent})" } }
  Seen: { Type: "AWS::CloudWatch::Dashboard" }
  Topic: { Type: "AWS::SNS::Topic" }
"""
    )

    assert deployed_stack.read_stack(template, metrics=7) == StackResources(
        metrics=7,
        alarm_metrics=3,
        composite_alarms=1,
        dashboards=1,
        log_retention_days=30,
        memory_mb=512,
        interval_seconds=20,
    )


def test_deployed_templates_are_readable() -> None:
    deployed = deployed_stack.read_deployed()

    assert deployed.controller.alarm_metrics > 0
    assert deployed.observer.alarm_metrics > 0
