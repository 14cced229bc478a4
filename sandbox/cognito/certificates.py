"""Certificates for custom domains, as the engine's Certificate Manager holds them."""

from sandbox.cognito.wire import AwsServiceError

CERTIFICATE_REGION = "us-east-1"
"""Where CloudFront takes certificates from, whichever Region the pool is in."""


class Certificates:
    """The certificates of every account in CloudFront's Region."""

    def __init__(self) -> None:
        # As the engine's user pools: only once STATE_DIR is set.
        from ministack.services import acm  # noqa: PLC0415

        self._certificates = acm._certificates  # noqa: SLF001 - the engine has no other way to its state

    def reject_unusable(self, account: str, arn: str, domain: str) -> None:
        """Refuse a certificate that CloudFront can't serve a domain with.

        Raises
        ------
        Refusal
            ``InvalidParameterException`` in CloudFront's words, which Cognito passes on.

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
    """Whether a certificate's name, perhaps with a wildcard as its first label, stands for a domain."""
    if not pattern.startswith("*."):
        return pattern.lower() == name
    return name.partition(".")[2] == pattern.removeprefix("*.").lower()


def _build_error(message: str) -> AwsServiceError:
    detail = "(Service: AmazonCloudFront; Status Code: 400; Error Code: InvalidViewerCertificate)"
    return AwsServiceError("InvalidParameterException", f"{message} {detail}")
