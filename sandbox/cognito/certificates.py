"""Certificates of custom domains, from the engine's Certificate Manager."""

from sandbox.cognito.wire import AwsServiceError

CERTIFICATE_REGION = "us-east-1"
"""The Region of CloudFront's certificates, independent of the pool's Region."""


class Certificates:
    """The certificates of every account in CloudFront's Region."""

    def __init__(self) -> None:
        # Late import: the engine reads STATE_DIR at import.
        from ministack.services import acm  # noqa: PLC0415

        self._certificates = acm._certificates  # noqa: SLF001 - the engine has no public accessor

    def reject_unusable(self, account: str, arn: str, domain: str) -> None:
        """Reject a certificate that CloudFront cannot use for a domain.

        Raises
        ------
        AwsServiceError
            ``InvalidParameterException`` with CloudFront's message, which Cognito passes on.

        """
        certificate = self._certificates.get_scoped(account, CERTIFICATE_REGION, arn)
        if certificate is None or certificate["Status"] != "ISSUED":
            raise _build_error(
                "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, "
                "or doesn't include a valid certificate chain."
            )
        if not any(matches_name(name, domain) for name in certificate["SubjectAlternativeNames"]):
            raise _build_error(
                "The certificate that is attached to your distribution doesn't cover the alternate domain name "
                "(CNAME) that you're trying to add."
            )


def matches_name(pattern: str, name: str) -> bool:
    """Return whether a certificate's name, which may start with a wildcard, covers a domain."""
    if not pattern.startswith("*."):
        return pattern.lower() == name
    return name.partition(".")[2] == pattern.removeprefix("*.").lower()


def _build_error(message: str) -> AwsServiceError:
    detail = "(Service: AmazonCloudFront; Status Code: 400; Error Code: InvalidViewerCertificate)"
    return AwsServiceError("InvalidParameterException", f"{message} {detail}")
