"""All measurements, in the order in which they run."""

from failoverctl.measure.key_sets import KEY_SETS
from failoverctl.measure.lag import LAG
from failoverctl.measure.latches import LATCH_METRIC, LATCH_OBJECT
from failoverctl.measure.managed_login import MANAGED_LOGIN
from failoverctl.measure.measurement import Measurement
from failoverctl.measure.replica_answers import REPLICA_ANSWERS
from failoverctl.measure.sessions import SESSIONS
from failoverctl.measure.sign_ins import SIGN_INS
from failoverctl.measure.tokens import TOKENS
from failoverctl.measure.weights import WEIGHTS

MEASUREMENTS: tuple[Measurement, ...] = (
    KEY_SETS,
    SIGN_INS,
    REPLICA_ANSWERS,
    LAG,
    TOKENS,
    SESSIONS,
    WEIGHTS,
    LATCH_OBJECT,
    LATCH_METRIC,
    MANAGED_LOGIN,
)
"""Quick measurements that create nothing come first."""
