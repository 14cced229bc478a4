"""Preflight checks by area. Each module has a tuple ``CHECKS``. Checks read nothing themselves."""
