"""What AWS's refusals of a step mean, and the way out."""

from collections.abc import Mapping
from typing import Any

from failoverctl.aws import is_access_denied, is_retryable
from failoverctl.exit_codes import ExitCode, FailoverctlError
from failoverctl.replicate.errors import ReplicationRefusedError, ReplicationStepError

_RESUME_HINT = "What was done stays done: run the same command again, and it goes on from here."

_HINTS: Mapping[tuple[str, str], str] = {
    ("replica", "LimitExceededException"): "A pool has one replica at most; see ListUserPoolReplicas.",
    ("replica", "FeatureUnavailableInTierException"): "Change the pool's tier to Essentials or Plus first.",
    ("pool", "FeatureUnavailableInTierException"): "Change the pool's tier to Essentials or Plus first.",
    ("pool", "UserImportInProgressException"): "Wait for the import of users to end.",
    ("issuer", "UserImportInProgressException"): "Wait for the import of users to end.",
}

_ELIGIBILITY_ERROR_CODES = frozenset({"InvalidParameterException", "OperationNotEnabledException"})
_ELIGIBILITY_STEPS = frozenset({"pool", "issuer", "replica"})
_ELIGIBILITY_HINT = (
    "If that is not it, the pool may still be on Cognito's older infrastructure, or the Region may have "
    "no replication: no API tells, the console does (Settings, Multi-Region replication). AWS moves older pools by "
    "itself; new pools are on the newer one."
)


def to_step_error(step_name: str, error: Exception, explanation: str) -> FailoverctlError:
    """Return an error of boto3 as one that a person can act on.

    Parameters
    ----------
    step
        The step's name.
    error
        What boto3 raised.
    said
        What it means by itself, see `failoverctl.aws.meaning`.

    """
    # Errors of connections have a response, too, which is None.
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    code = response.get("Error", {}).get("Code", "")
    if is_access_denied(error):
        text = response["Error"].get("Message", "").rstrip(".")
        return ReplicationStepError(
            f"{step_name}: your credentials don't allow this ({code}: {text}). docs/policies/replicate.json has all that "
            f"the command needs. {_RESUME_HINT}",
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
