"""The switch of a latch as a CloudWatch metric. An alarm reads it, and a health check reads the alarm."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.error_boundary import translate_unexpected_errors
from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.steered_name import SteeredName

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.0

# One attempt per call: the next round retries.
CLOUDWATCH_CONFIG = Config(
    connect_timeout=CONNECT_TIMEOUT_SECONDS,
    read_timeout=READ_TIMEOUT_SECONDS,
    retries={"total_max_attempts": 1, "mode": "standard"},
)

_ACCESS_DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


class MetricLatchSwitch:
    """Publishes 1 if thrown, else 0. A write-only `LatchSwitch`.

    Parameters
    ----------
    client
        Returns a CloudWatch client of the alarm's Region; called at the first use.
    namespace
        The metric's namespace, one per stack.
    metric
        The latch's name, which is the metric's name.

    """

    def __init__(self, client: Callable[[], "CloudWatchClient"], *, namespace: str, metric: SteeredName) -> None:
        self._client = client
        self._namespace = namespace
        self._metric = metric

    def read(self) -> bool | None:
        """Return None: the metric cannot be read back in time."""
        return None

    def refresh(self, *, thrown: bool) -> bool:
        """Publish ``thrown`` again and return it."""
        self._publish(thrown=thrown)
        return thrown

    def read_revision(self) -> str:
        """Return an empty string: a metric has no revision, so no condition protects it."""
        return ""

    def set(self, *, thrown: bool, revision: str | None, version: int) -> None:  # noqa: ARG002 - PutMetricData has no condition
        """Publish one value. The alarm uses the maximum of each minute, so a throw counts within its minute."""
        self._publish(thrown=thrown)

    def _publish(self, *, thrown: bool) -> None:
        with self._translate_errors():
            self._client().put_metric_data(
                Namespace=self._namespace,
                MetricData=[{"MetricName": self._metric.value, "Value": float(thrown), "Unit": "None"}],
            )

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        with translate_unexpected_errors(
            LeverUnavailableError, error_type=LeverUnavailableError, description="PutMetricData"
        ):
            try:
                yield
            except ClientError as error:
                raise LeverUnavailableError(self._describe_error(error)) from error
            except BotoCoreError as error:
                raise LeverUnavailableError(f"PutMetricData got no answer: {error}.") from error

    def _describe_error(self, error: ClientError) -> str:
        code = error.response["Error"]["Code"]
        message = f"PutMetricData answered {code}: {error.response['Error'].get('Message', '')}".rstrip(": .") + "."
        if code not in _ACCESS_DENIED_CODES:
            return message
        return (
            f"{message} Allow cloudwatch:PutMetricData in the namespace {self._namespace} to the role this runs as, "
            f"and check that no policy denies it."
        )
