"""The voice: logs, metrics, events and messages, none of which can stop a failover."""
