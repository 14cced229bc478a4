"""What AWS's refusals of a step mean, and the way out."""

from collections.abc import Mapping
from typing import Any

from failoverctl.aws import is_about_permission, is_worth_repeating
from failoverctl.exits import ExitCode, FailoverctlError
from failoverctl.replicate.errors import RefusedError, StepError

_RESUMED = "What was done stays done: run the same command again, and it goes on from here."

_HINTS: Mapping[tuple[str, str], str] = {
    ("replica", "LimitExceededException"): "A pool has one replica at most; see ListUserPoolReplicas.",
    ("replica", "FeatureUnavailableInTierException"): "Change the pool's tier to Essentials or Plus first.",
    ("pool", "FeatureUnavailableInTierException"): "Change the pool's tier to Essentials or Plus first.",
    ("pool", "UserImportInProgressException"): "Wait for the import of users to end.",
    ("issuer", "UserImportInProgressException"): "Wait for the import of users to end.",
}

_OF_ELIGIBILITY = frozenset({"InvalidParameterException", "OperationNotEnabledException"})
_MAY_BE_INELIGIBLE = frozenset({"pool", "issuer", "replica"})
_INELIGIBLE = (
    "If that is not it, the pool may still be on Cognito's older infrastructure, or the Region may have "
    "no replication: no API tells, the console does (Settings, Multi-Region replication). AWS moves older pools by "
    "itself; new pools are on the newer one."
)


def explained(step: str, error: Exception, said: str) -> FailoverctlError:
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
    if is_about_permission(error):
        text = response["Error"].get("Message", "").rstrip(".")
        return StepError(
            f"{step}: your credentials don't allow this ({code}: {text}). docs/policies/replicate.json has all that "
            f"the command needs. {_RESUMED}",
            ExitCode.UNREACHABLE,
        )
    hint = _HINTS.get((step, code), _INELIGIBLE if step in _MAY_BE_INELIGIBLE and code in _OF_ELIGIBILITY else "")
    if hint:
        return RefusedError(f"{step}: {said} {hint}")
    if response and not is_worth_repeating(error):
        return StepError(f"{step}: {said} {_RESUMED}", ExitCode.FAILED)
    return StepError(f"{step}: {said} {_RESUMED}", ExitCode.UNREACHABLE)
