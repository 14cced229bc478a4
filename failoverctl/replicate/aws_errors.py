"""Explains AWS's errors in a step, with a hint what to do."""

from collections.abc import Mapping
from typing import Any

from failoverctl.aws import is_access_denied, is_retryable
from failoverctl.exit_codes import ExitCode, FailoverctlError
from failoverctl.replicate.errors import ReplicationRefusedError, ReplicationStepError

_RESUME_HINT = "Finished steps are kept. To resume, run the same command again."

_HINTS: Mapping[tuple[str, str], str] = {
    ("replica", "LimitExceededException"): "A pool has one replica at most. See ListUserPoolReplicas.",
    ("replica", "FeatureUnavailableInTierException"): "Change the pool's tier to Essentials or Plus first.",
    ("pool", "FeatureUnavailableInTierException"): "Change the pool's tier to Essentials or Plus first.",
    ("pool", "UserImportInProgressException"): "Wait for the import of users to end.",
    ("issuer", "UserImportInProgressException"): "Wait for the import of users to end.",
}

_ELIGIBILITY_ERROR_CODES = frozenset({"InvalidParameterException", "OperationNotEnabledException"})
_ELIGIBILITY_STEPS = frozenset({"pool", "issuer", "replica"})
_ELIGIBILITY_HINT = (
    "If this is not the cause, the pool may be on Cognito's older infrastructure, or the Region may not support "
    "replication. No API shows this; the console does (Settings, Multi-Region replication). AWS migrates older pools; "
    "new pools are on the new infrastructure."
)


def to_step_error(step_name: str, error: Exception, explanation: str) -> FailoverctlError:
    """Return the readable error for a boto3 error.

    Parameters
    ----------
    step_name
        The step.
    error
        The boto3 error.
    explanation
        Its explanation, see `failoverctl.aws.explain_error`.

    """
    # Connection errors have a response, too: None.
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    code = response.get("Error", {}).get("Code", "")
    if is_access_denied(error):
        text = response["Error"].get("Message", "").rstrip(".")
        return ReplicationStepError(
            f"{step_name}: your credentials don't allow this ({code}: {text}). docs/policies/replicate.json has all "
            f"permissions. {_RESUME_HINT}",
            ExitCode.UNREACHABLE,
        )
    hint = _HINTS.get(
        (step_name, code),
        _ELIGIBILITY_HINT if step_name in _ELIGIBILITY_STEPS and code in _ELIGIBILITY_ERROR_CODES else "",
    )
    if hint:
        return ReplicationRefusedError(f"{step_name}: {explanation} {hint}")
    if response and not is_retryable(error):
        return ReplicationStepError(f"{step_name}: {explanation} {_RESUME_HINT}", ExitCode.FAILED)
    return ReplicationStepError(f"{step_name}: {explanation} {_RESUME_HINT}", ExitCode.UNREACHABLE)
