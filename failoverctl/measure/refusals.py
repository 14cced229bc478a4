"""What an error of AWS means to somebody who measures."""

from failoverctl.aws import is_about_permission, meaning

POLICY = "docs/policies/measure.json"


def explained(error: Exception) -> str:
    """Return what an error of boto3 means, and the way out, as sentences."""
    if not is_about_permission(error):
        return meaning(error)
    answered = getattr(error, "response", {})["Error"]
    said = f"{answered.get('Code', '')}: {answered.get('Message', '')}".rstrip(".: ")
    return f"Your credentials don't allow this ({said}). {POLICY} has all that measuring needs."
