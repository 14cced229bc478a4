"""Threat protection's settings and the export of logs, which each Region has of its own."""

from copy import deepcopy
from typing import TYPE_CHECKING

from sandbox.cognito.pools import Pool, Pools
from sandbox.cognito.wire import Call, Document, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RISK = "_risk_configuration"
LOGS = "_log_delivery"
"""Where a pool keeps them."""

_PARTS = (
    "CompromisedCredentialsRiskConfiguration",
    "AccountTakeoverRiskConfiguration",
    "RiskExceptionConfiguration",
)


class Protection:
    """Sets and shows both; of threat protection the pool's own, not those of single app clients."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self.operations: Mapping[str, Callable[[Call], Document]] = {
            "DescribeRiskConfiguration": self.describe_risk,
            "SetRiskConfiguration": self.set_risk,
            "GetLogDeliveryConfiguration": self.get_logs,
            "SetLogDeliveryConfiguration": self.set_logs,
        }

    def describe_risk(self, call: Call) -> Document:
        """Answer ``DescribeRiskConfiguration``."""
        pool = self._pool(call)
        return {"RiskConfiguration": {"UserPoolId": pool["Id"], **deepcopy(pool.get(RISK, {}))}}

    def set_risk(self, call: Call) -> Document:
        """Answer ``SetRiskConfiguration``; what is left out is taken away."""
        pool = self._pool(call)
        if call.document.get("ClientId"):
            raise Refusal("InvalidParameterException", "Here only the pool's own configuration can be set.")
        pool[RISK] = {name: call.document[name] for name in _PARTS if name in call.document}
        return self.describe_risk(call)

    def get_logs(self, call: Call) -> Document:
        """Answer ``GetLogDeliveryConfiguration``."""
        pool = self._pool(call)
        return {
            "LogDeliveryConfiguration": {
                "UserPoolId": pool["Id"],
                "LogConfigurations": deepcopy(pool.get(LOGS, [])),
            }
        }

    def set_logs(self, call: Call) -> Document:
        """Answer ``SetLogDeliveryConfiguration``."""
        self._pool(call)[LOGS] = call.document["LogConfigurations"]
        return self.get_logs(call)

    def _pool(self, call: Call) -> Pool:
        pool = self._pools.get(call.account, call.region, call.pool_id)
        if pool is None:
            raise Refusal("ResourceNotFoundException", f"User pool {call.pool_id} does not exist.")
        return pool
