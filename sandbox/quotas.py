"""Service Quotas, as far as Cognito's sign-in quota goes: each account has one in each Region."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.exchange import Request, Response
from sandbox.refusal import refusal

SERVICE = "servicequotas"
TARGET = "ServiceQuotasV20190624"

_OF = "cognito-idp"
_CODE = "L-SANDBOX1"
"""Invented: only the name is documented."""

_NAME = "Rate of UserAuthentication requests"
_DEFAULT = 120.0
"""Requests a second (Cognito's developer guide)."""


class ServiceQuotas:
    """Lists the quota, and grants at once whatever more is asked for; AWS takes its time."""

    def __init__(self) -> None:
        self._granted: dict[tuple[str, str], float] = {}

    async def handle(self, request: Request) -> Response:
        """Answer a call."""
        document: Mapping[str, Any] = json.loads(request.body or b"{}")
        place = (request.account, request.region)
        match request.operation:
            case "ListServiceQuotas":
                listed = [self._quota(place)] if document.get("ServiceCode") == _OF else []
                return _answer({"Quotas": listed})
            case "GetServiceQuota" if self._is_known(document):
                return _answer({"Quota": self._quota(place)})
            case "RequestServiceQuotaIncrease" if self._is_known(document):
                if document["DesiredValue"] <= self._value(place):
                    return refusal(
                        request,
                        code="IllegalArgumentException",
                        status=400,
                        message="You must provide a quota value greater than the current quota value",
                    )
                self._granted[place] = float(document["DesiredValue"])
                requested = {"Id": "1", "Status": "APPROVED", "DesiredValue": document["DesiredValue"]}
                return _answer({"RequestedQuota": {**requested, "ServiceCode": _OF, "QuotaCode": _CODE}})
            case _:
                return refusal(
                    request,
                    code="NoSuchResourceException",
                    status=400,
                    message="The request failed because the specified service or quota does not exist.",
                )

    @staticmethod
    def _is_known(document: Mapping[str, Any]) -> bool:
        return (document.get("ServiceCode"), document.get("QuotaCode")) == (_OF, _CODE)

    def _value(self, place: tuple[str, str]) -> float:
        return self._granted.get(place, _DEFAULT)

    def _quota(self, place: tuple[str, str]) -> dict[str, Any]:
        return {
            "ServiceCode": _OF,
            "ServiceName": "Amazon Cognito User Pools",
            "QuotaCode": _CODE,
            "QuotaName": _NAME,
            "Value": self._value(place),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }


def _answer(document: Mapping[str, Any]) -> Response:
    return Response(
        status=200, headers={"content-type": "application/x-amz-json-1.1"}, body=json.dumps(document).encode()
    )
