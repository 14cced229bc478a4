"""Preflight: checks whether a failover would work now, read from both Regions.

``readers`` read facts and ``checks`` judge them. Neither knows the other. To add a check, add it to the ``CHECKS`` of a
module in ``checks``, or add a module with such a tuple: `cognito_failover.preflight.registry` finds it.

The controller imports none of this. `cognito_failover.core.preflight_result` holds the meaning of a result.
"""
