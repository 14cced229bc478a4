"""Replicates any user pool, in steps with a plan.

Each step reads the actual state, and changes it only if it differs from the desired state. There is no state file:
after an interrupted run, the next run resumes.
"""
