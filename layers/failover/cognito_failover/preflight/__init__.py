"""Preflight: checks in both Regions whether a failover would work now.

``readers`` read facts, and ``checks`` evaluate them. To add a check, add it to ``CHECKS`` in a module of ``checks``.
To add a module, add it to `cognito_failover.preflight.registry`.

The controller imports none of this. `cognito_failover.core.preflight_result` defines the result.
"""
