"""A tree in which nothing was built: the source alone must never be deployed, as its layer has no packages."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.support import load_scaling

ROOT = Path(__file__).parents[3]


def test_unbuilt_source_is_not_deployed(tmp_path: Path) -> None:
    for name in ("samconfig.toml", "template.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    sam = shutil.which("sam")
    assert sam, "sam is not on PATH; make test puts it there"

    done = subprocess.run(  # noqa: S603 - the sam of this repository
        [sam, "deploy", "--region", "us-east-1"],
        cwd=tmp_path,
        env={**os.environ, "AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"},
        capture_output=True,
        text=True,
        timeout=load_scaling.get_wait_limit(),
        check=False,
    )

    assert done.returncode
    assert f"Template file not found at {tmp_path.resolve()}/.aws-sam/build/template.yaml" in done.stderr
