"""Every check there is: those of each module in ``checks``."""

import importlib
import pkgutil
from functools import cache

from cognito_failover.preflight import checks
from cognito_failover.preflight.check import PreflightCheck


@cache
def load_checks() -> tuple[PreflightCheck, ...]:
    """Return all checks, by module in alphabetical order, in each as listed there.

    Raises
    ------
    ValueError
        If two have the same id.

    """
    modules = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    all_checks = tuple(
        check for name in modules for check in importlib.import_module(f"{checks.__name__}.{name}").CHECKS
    )
    ids = [check.id for check in all_checks]
    if doubled := {check_id for check_id in ids if ids.count(check_id) > 1}:
        raise ValueError(f"two checks are called {', '.join(sorted(doubled))}")
    return all_checks
