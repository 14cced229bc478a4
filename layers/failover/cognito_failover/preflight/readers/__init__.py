"""Preflight readers: functions that read one fact each through AWS's APIs, DNS or HTTPS."""
