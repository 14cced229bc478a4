import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import article
from sandbox.testing import running
from tests.integration.measure.command import Deployed, describe_as_stack, measurer

QUICK = (
    *("--check-pace", "25", "--health-propagation-seconds", "0", "--propagation-seconds", "1"),
    *("--lag-seconds", "0.5", "--creating-seconds", "0.5"),
)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with running(*QUICK) as sandbox:
        description = sandbox.description
        plan = article.Plan(
            primary=description["primary"], standby=description["standby"], addresses=description["targets"]
        )
        set_up = article.set_up(sandbox.client, plan, time.sleep)
        describe_as_stack(sandbox, set_up)
        yield Deployed(
            sandbox=sandbox,
            set_up=set_up,
            may_measure=measurer(sandbox),
            folder=Path(tmp_path_factory.mktemp("measured")),
        )
