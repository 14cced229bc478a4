"""What an error of AWS means to somebody who measures."""

from failoverctl.aws import explain_error, is_access_denied

POLICY_PATH = "docs/policies/measure.json"


def explain_measure_error(error: Exception) -> str:
    """Return what an error of boto3 means, and the way out, as sentences."""
    if not is_access_denied(error):
        return explain_error(error)
    error_fields = getattr(error, "response", {})["Error"]
    details = f"{error_fields.get('Code', '')}: {error_fields.get('Message', '')}".rstrip(".: ")
    return f"Your credentials don't allow this ({details}). {POLICY_PATH} has all that measuring needs."
