"""Logs, metrics and alarm conditions. A failure here never stops a failover."""
