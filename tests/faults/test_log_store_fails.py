"""The store of logs is full, or goes away: a run ends as it would have ended, and its task says what its log lacks."""

import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.flood import Flood, wait_for
from tests.s3 import S3

MIB = 1024 * 1024

# Noise, so that packing it makes no room.
FLOOD = """
    out(b"it begins\\n")
    for _ in range(100):
        out(os.urandom(65536).hex().encode() + b"\\n")
    out("\\n读出记录总数                    :                   7\\n".encode())
    sys.exit({code})
"""
UNTIL = """
    number = 0
    while not os.path.exists({path!r}):
        out(b"line %d\\n" % number)
        number += 1
        time.sleep(0.05)
    out("\\n读出记录总数                    :                   7\\n".encode())
"""


def warning(task: Any) -> str:
    """What the task says of its log, and nothing else."""
    [problem] = task["problems"]
    assert problem["severity"] == "warning"
    return str(problem["message"])


@dataclass
class Full:
    """A product whose logs go to a file system with room for 4 MiB."""

    flood: Flood
    disk: Path

    def empty(self) -> None:
        for file in self.disk.rglob("*.*"):
            file.unlink()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    folder = tmp_path_factory.mktemp("full")
    disk = folder / "small disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk takes root; the test with a limit on the size of files shows the same")
    try:
        flood = Flood(folder, LOG_STORE=str(disk))
        with flood.running():
            yield Full(flood, disk)
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.parametrize(("code", "outcome"), [(0, "succeeded"), (3, "failed")])
def test_a_run_whose_log_fills_the_disk_ends_as_it_would(full: Full, code: int, outcome: str) -> None:
    full.empty()
    full.flood.prints(FLOOD.format(code=code))
    task_id = full.flood.submit()

    task = full.flood.stack.finished(task_id)

    assert (task["outcome"], task["result"]["exit_code"], task["progress"]["records_read"]) == (outcome, code, 7)
    assert "No space left on device" in warning(task) and int(warning(task).split()[0]) > 8 * MIB
    assert full.flood.log(task_id, 0, 10).body == b"it begins\n"
    assert full.flood.size(task_id) > 2 * MIB


def test_a_log_is_whole_again_when_the_disk_has_room_again(full: Full) -> None:
    full.empty()
    full.flood.prints("out(b'there is room again')")
    task_id = full.flood.submit()
    assert full.flood.stack.finished(task_id)["problems"] == []
    assert full.flood.end(task_id) == "there is room again"


def test_a_run_whose_log_file_may_not_grow_ends_as_it_would(tmp_path: Path) -> None:
    flood = Flood(tmp_path)
    with flood.running():
        run_with_small_files(flood)


def run_with_small_files(flood: Flood) -> None:
    for pid in flood.memory("celery"):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (3 * MIB, 3 * MIB))
    flood.prints(FLOOD.format(code=0))
    task_id = flood.submit()

    task = flood.stack.finished(task_id)

    assert task["outcome"] == "succeeded" and task["progress"]["records_read"] == 7
    assert "File too large" in warning(task)
    assert flood.log(task_id, 0, 10).body == b"it begins\n"
    lost, size = int(warning(task).split()[0]), flood.size(task_id)
    assert size > 100 * 131072, "what was lost keeps its room"
    assert 0 < lost < size


@dataclass
class Remote:
    """A product whose logs go to an S3 server."""

    flood: Flood
    s3: S3


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    folder = tmp_path_factory.mktemp("remote")
    server = S3(folder)
    flood = Flood(folder, **server.settings)
    try:
        with flood.running():
            yield Remote(flood, server)
    finally:
        server.kill()


def test_a_log_in_an_object_store_is_seen_within_two_seconds_and_nothing_of_it_is_here(remote: Remote) -> None:
    remote.flood.prints("""
        for _ in range(4):
            out(b"now %f\\n" % time.time())
            time.sleep(1)
    """)
    # A machine that is busy with other tests may be late; the product is not late three times in a row.
    runs = [remote.flood.ages() for _ in range(3)]
    assert {len(ages) for ages in runs} == {4} and min(max(ages) for ages in runs) < 2.0
    assert not list((remote.flood.stack.var_dir / "logs").iterdir())


def test_a_log_lacks_nothing_when_its_store_was_away_only_for_a_while(remote: Remote, tmp_path: Path) -> None:
    remote.flood.prints(UNTIL.format(path=str(tmp_path / "enough")))
    task_id = remote.flood.submit()
    wait_for(lambda: remote.flood.size(task_id) > 10)
    remote.s3.process.send_signal(signal.SIGSTOP)
    time.sleep(3)
    remote.s3.process.send_signal(signal.SIGCONT)
    (tmp_path / "enough").touch()

    assert remote.flood.stack.finished(task_id)["problems"] == []
    lines = remote.flood.log(task_id, 0, MIB).body.decode().splitlines()[:-2]
    assert len(lines) > 60 and lines == [f"line {number}" for number in range(len(lines))]


def test_a_run_whose_object_store_goes_away_ends_as_it_would(remote: Remote, tmp_path: Path) -> None:
    remote.flood.prints(UNTIL.format(path=str(tmp_path / "enough")))
    task_id = remote.flood.submit()
    wait_for(lambda: remote.flood.size(task_id) > 10)
    remote.s3.kill()
    time.sleep(1)
    (tmp_path / "enough").touch()

    task = remote.flood.stack.finished(task_id)

    assert (task["outcome"], task["progress"]["records_read"]) == ("succeeded", 7)
    assert int(warning(task).split()[0]) > 20 and remote.s3.url in warning(task)
    assert remote.flood.stack.call(f"/api/tasks/{task_id}/log").status == 503

    remote.s3.start()
    remote.s3.bucket("logs")
    remote.flood.prints("out(b'it is back')")
    again = remote.flood.submit()
    assert remote.flood.stack.finished(again)["problems"] == [] and remote.flood.end(again) == "it is back"
