"""What the template deploys, as the reckoning reads it."""

from pathlib import Path

from bench import running_stack


def test_alarms_and_defaults_are_read_off_the_template(tmp_path: Path) -> None:
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
  Topic: { Type: "AWS::SNS::Topic" }
"""
    )

    assert running_stack.read(template) == running_stack.Stack(
        alarm_metrics=3, composite_alarms=1, log_retention_days=30, memory_mb=512, interval_seconds=20
    )


def test_the_products_own_template_can_be_read() -> None:
    assert running_stack.read().alarm_metrics > 0
