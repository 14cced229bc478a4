import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.reference_setup import setup
from sandbox.testing import run_sandbox
from tests.integration.measure.command import MeasuredDeployment, create_descriptive_stack, create_measurer

QUICK = (
    *("--check-pace", "25", "--health-propagation-seconds", "0", "--propagation-seconds", "1"),
    *("--lag-seconds", "0.5", "--creating-seconds", "0.5"),
)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeasuredDeployment]:
    with run_sandbox(*QUICK) as sandbox:
        description = sandbox.description
        plan = setup.SetupPlan(
            primary=description["primary"], standby=description["standby"], addresses=description["targets"]
        )
        set_up = setup.set_up(sandbox.client, plan, time.sleep)
        create_descriptive_stack(sandbox, set_up)
        yield MeasuredDeployment(
            sandbox=sandbox,
            set_up=set_up,
            measurer_credentials=create_measurer(sandbox),
            folder=Path(tmp_path_factory.mktemp("measured")),
        )
