"""Preflight readers: functions that read one fact each from AWS, DNS or HTTPS."""
