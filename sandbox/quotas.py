"""Cognito's quota of sign-ins per account and Region, and the provisioned limit below it, which is enforced."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.aws_errors import build_error_response
from sandbox.http_messages import EndpointRequest, EndpointResponse, RequestHandler

SERVICE = "servicequotas"
TARGET_PREFIX = "ServiceQuotasV20190624"

_QUOTA_SERVICE = "cognito-idp"
_QUOTA_CODE = "L-026ADBA3"

_QUOTA_NAME = "Rate of UserAuthentication requests"
_DEFAULT_VALUE = 120.0
"""Requests per second (Cognito's developer guide)."""

_SIGN_IN_LIMIT = {"LimitClass": "API_CATEGORY", "Attributes": {"Category": "UserAuthentication"}}


class ServiceQuotas:
    """Lists the quota, and grants every increase at once. AWS takes longer."""

    def __init__(self) -> None:
        self._granted: dict[tuple[str, str], float] = {}

    async def handle(self, request: EndpointRequest) -> EndpointResponse:
        """Answer a call."""
        document: Mapping[str, Any] = json.loads(request.body or b"{}")
        scope = (request.account, request.region)
        match request.operation:
            case "ListServiceQuotas":
                quotas = [self._describe_quota(scope)] if document.get("ServiceCode") == _QUOTA_SERVICE else []
                return _build_response({"Quotas": quotas})
            case "GetServiceQuota" if self._is_known(document):
                return _build_response({"Quota": self._describe_quota(scope)})
            case "RequestServiceQuotaIncrease" if self._is_known(document):
                if document["DesiredValue"] <= self._get_value(scope):
                    return build_error_response(
                        request,
                        code="IllegalArgumentException",
                        status=400,
                        message="You must provide a quota value greater than the current quota value",
                    )
                self._granted[scope] = float(document["DesiredValue"])
                requested = {"Id": "1", "Status": "APPROVED", "DesiredValue": document["DesiredValue"]}
                return _build_response(
                    {"RequestedQuota": {**requested, "ServiceCode": _QUOTA_SERVICE, "QuotaCode": _QUOTA_CODE}}
                )
            case _:
                return build_error_response(
                    request,
                    code="NoSuchResourceException",
                    status=400,
                    message="The request failed because the specified service or quota does not exist.",
                )

    @staticmethod
    def _is_known(document: Mapping[str, Any]) -> bool:
        return (document.get("ServiceCode"), document.get("QuotaCode")) == (_QUOTA_SERVICE, _QUOTA_CODE)

    def get_sign_in_quota(self, account: str, region: str) -> float:
        """Return the quota of sign-ins a second."""
        return self._get_value((account, region))

    def _get_value(self, scope: tuple[str, str]) -> float:
        return self._granted.get(scope, _DEFAULT_VALUE)

    def _describe_quota(self, scope: tuple[str, str]) -> dict[str, Any]:
        return {
            "ServiceCode": _QUOTA_SERVICE,
            "ServiceName": "Amazon Cognito User Pools",
            "QuotaCode": _QUOTA_CODE,
            "QuotaName": _QUOTA_NAME,
            "Value": self._get_value(scope),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }


class ProvisionedLimits:
    """Answers ``GetProvisionedLimit`` and ``UpdateProvisionedLimit`` for sign-ins, and passes other calls.

    A new value takes effect at once. It is between the default and the quota (API reference). A pool with managed login
    cannot change it on AWS; here every account can.
    """

    def __init__(self, quotas: ServiceQuotas) -> None:
        self._quotas = quotas
        self._limits: dict[tuple[str, str], int] = {}

    async def intercept(self, request: EndpointRequest, engine: RequestHandler) -> EndpointResponse:
        """Answer a call to Cognito."""
        if request.operation not in {"GetProvisionedLimit", "UpdateProvisionedLimit"}:
            return await engine(request)
        document: Mapping[str, Any] = json.loads(request.body or b"{}")
        if document["LimitDefinition"] != _SIGN_IN_LIMIT:
            return _build_limit_error(request, "ResourceNotFoundException", "There is no such limit.")
        scope = (request.account, request.region)
        if request.operation == "UpdateProvisionedLimit":
            value, quota = document["RequestedLimitValue"], self._quotas.get_sign_in_quota(*scope)
            if value < _DEFAULT_VALUE:
                return _build_limit_error(request, "InvalidParameterException", f"{value} is below the default limit.")
            if value > quota:
                return _build_limit_error(request, "ServiceQuotaExceededException", f"{value} is above the quota.")
            self._limits[scope] = value
        limit = {
            "LimitDefinition": _SIGN_IN_LIMIT,
            "ProvisionedLimitValue": self._limits.get(scope, int(_DEFAULT_VALUE)),
            "FreeLimitValue": int(_DEFAULT_VALUE),
        }
        return _build_response({"Limit": limit})


def _build_limit_error(request: EndpointRequest, code: str, message: str) -> EndpointResponse:
    return build_error_response(request, code=code, status=400, message=message)


def _build_response(document: Mapping[str, Any]) -> EndpointResponse:
    return EndpointResponse(
        status=200, headers={"content-type": "application/x-amz-json-1.1"}, body=json.dumps(document).encode()
    )
