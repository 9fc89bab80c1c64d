"""The disk that holds an SQLite database is full while tasks are submitted, run and end."""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster, body


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own, at the place of VAR_DIR."""
    disk = tmp_path / "var"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk takes root")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 65536)
    return filler


def test_a_full_disk_refuses_submits_and_loses_no_run_that_ends_meanwhile_or_goes_on(
    disk: Path, tmp_path: Path
) -> None:
    cluster = Cluster(tmp_path, "")
    cluster.start(1)
    try:
        ends_meanwhile, over = cluster.submit("meanwhile", seconds=2), cluster.submit("over", seconds=12)
        for key in ("meanwhile", "over"):
            cluster.pids(key)
        filler = fill(disk)
        time.sleep(9)  # past the time after which a worker counts as lost
        refused = cluster.stack.call("/api/tasks", body("refused"))
        assert refused.status == 503 and refused.headers["Content-Type"] == "application/problem+json"
        assert cluster.task(ends_meanwhile)["state"] == cluster.task(over)["state"] == "STARTED"
        assert cluster.ledger("end")["meanwhile"] == 1, "its engine has ended, and nothing can say so"
        filler.unlink()
        for task_id in (ends_meanwhile, over, cluster.submit("after")):
            task = cluster.finished(task_id)
            assert (task["outcome"], task["attempt"]) == ("succeeded", 1)
    finally:
        cluster.stop()
