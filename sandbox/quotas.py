"""Service Quotas for Cognito's sign-in quota, per account and Region."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.aws_errors import build_error_response
from sandbox.http_messages import EndpointRequest, EndpointResponse

SERVICE = "servicequotas"
TARGET_PREFIX = "ServiceQuotasV20190624"

_QUOTA_SERVICE = "cognito-idp"
_QUOTA_CODE = "L-SANDBOX1"
"""Invented: AWS documents only the name."""

_QUOTA_NAME = "Rate of UserAuthentication requests"
_DEFAULT_VALUE = 120.0
"""Requests per second (Cognito's developer guide)."""


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


def _build_response(document: Mapping[str, Any]) -> EndpointResponse:
    return EndpointResponse(
        status=200, headers={"content-type": "application/x-amz-json-1.1"}, body=json.dumps(document).encode()
    )
