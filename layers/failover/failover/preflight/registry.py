"""Every check there is: those of each module in ``checks``."""

import importlib
import pkgutil
from functools import cache

from failover.preflight import checks
from failover.preflight.check import Check


@cache
def registry() -> tuple[Check, ...]:
    """Return all checks, by module in alphabetical order, in each as listed there.

    Raises
    ------
    ValueError
        If two have the same id.

    """
    modules = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    found = tuple(check for name in modules for check in importlib.import_module(f"{checks.__name__}.{name}").CHECKS)
    ids = [check.id for check in found]
    if doubled := {check_id for check_id in ids if ids.count(check_id) > 1}:
        raise ValueError(f"two checks are called {', '.join(sorted(doubled))}")
    return found
