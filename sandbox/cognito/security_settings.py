"""Regional settings of threat protection and of log delivery."""

from copy import deepcopy
from typing import TYPE_CHECKING

from sandbox.cognito.pools import UserPools, UserPoolState
from sandbox.cognito.wire import AwsServiceError, JsonObject, UserPoolCall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RISK_CONFIGURATION_KEY = "_risk_configuration"
LOG_DELIVERY_KEY = "_log_delivery"
"""The keys of both in a pool's record."""

_RISK_SECTIONS = (
    "CompromisedCredentialsRiskConfiguration",
    "AccountTakeoverRiskConfiguration",
    "RiskExceptionConfiguration",
)


class RegionalSecuritySettings:
    """Sets and returns both. Threat protection is supported for the pool, not for single app clients."""

    def __init__(self, pools: UserPools) -> None:
        self._pools = pools
        self.operations: Mapping[str, Callable[[UserPoolCall], JsonObject]] = {
            "DescribeRiskConfiguration": self.describe_risk,
            "SetRiskConfiguration": self.set_risk,
            "GetLogDeliveryConfiguration": self.get_logs,
            "SetLogDeliveryConfiguration": self.set_logs,
        }

    def describe_risk(self, call: UserPoolCall) -> JsonObject:
        """Answer ``DescribeRiskConfiguration``."""
        pool = self._require_pool(call)
        return {"RiskConfiguration": {"UserPoolId": pool["Id"], **deepcopy(pool.get(RISK_CONFIGURATION_KEY, {}))}}

    def set_risk(self, call: UserPoolCall) -> JsonObject:
        """Answer ``SetRiskConfiguration``. It removes the sections that the call lacks."""
        pool = self._require_pool(call)
        if call.document.get("ClientId"):
            raise AwsServiceError(
                "InvalidParameterException", "The sandbox supports only the pool's configuration, without ClientId."
            )
        pool[RISK_CONFIGURATION_KEY] = {name: call.document[name] for name in _RISK_SECTIONS if name in call.document}
        return self.describe_risk(call)

    def get_logs(self, call: UserPoolCall) -> JsonObject:
        """Answer ``GetLogDeliveryConfiguration``."""
        pool = self._require_pool(call)
        return {
            "LogDeliveryConfiguration": {
                "UserPoolId": pool["Id"],
                "LogConfigurations": deepcopy(pool.get(LOG_DELIVERY_KEY, [])),
            }
        }

    def set_logs(self, call: UserPoolCall) -> JsonObject:
        """Answer ``SetLogDeliveryConfiguration``."""
        self._require_pool(call)[LOG_DELIVERY_KEY] = call.document["LogConfigurations"]
        return self.get_logs(call)

    def _require_pool(self, call: UserPoolCall) -> UserPoolState:
        pool = self._pools.get(call.account, call.region, call.pool_id)
        if pool is None:
            raise AwsServiceError("ResourceNotFoundException", f"User pool {call.pool_id} does not exist.")
        return pool
