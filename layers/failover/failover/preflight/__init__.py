"""Preflight: whether a failover would work now, read from both Regions.

``reading`` reads the world, ``checks`` judge what was read; neither knows the other's part. To add a check, add it to
the ``CHECKS`` of a module in ``checks``, or add a module with such a tuple: `failover.preflight.registry` finds it.

The controller imports none of this: what a result means to it is in `failover.decision.preflight`.
"""
