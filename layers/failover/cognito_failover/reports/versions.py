"""Which software a report was written by, as far as it can tell of itself."""

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import cognito_failover

HASH_DIGITS = 16


def collect_versions(env: Mapping[str, str]) -> dict[str, str]:
    """Return the versions, by what they are of; the function's is left out where there is none."""
    found = {"package": cognito_failover.__version__, "code": compute_code_hash(), "python": platform.python_version()}
    function = env.get("AWS_LAMBDA_FUNCTION_VERSION", "")
    return {**found, "function": function} if function else found


@cache
def compute_code_hash() -> str:
    """Return the first digits of the SHA-256 of the package's files: all functions of one deployment share them."""
    root = Path(cognito_failover.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:HASH_DIGITS]
