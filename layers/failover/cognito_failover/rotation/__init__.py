"""Rotation of the canary password: two users alternate, so no probe uses an outdated password."""
