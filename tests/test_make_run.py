"""`make run` from a clean clone, in a folder whose name has a space: what a new user sees."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT, free_port


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files of the work tree, as they are now, without what git ignores: what a run leaves."""
    folder = tmp_path_factory.mktemp("clean") / "my clone"
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    yield folder
    shutil.rmtree(folder)


class MakeRun:
    """`make run` with a terminal's habits: Ctrl-C goes to the whole foreground group."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.output = folder / "make.out"
        self.home = folder.parent / "home"
        self.home.mkdir(exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), **settings}
        environment |= {
            name: os.environ[name] for name in os.environ if name.startswith("PIP_") or name.endswith("_proxy")
        }
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                ["make", "run"],
                cwd=folder,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_for(self, pattern: str, seconds: float) -> re.Match[str]:
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.text)):
            assert time.monotonic() < until and self.process.poll() is None, self.text
            time.sleep(0.05)
        return found

    def ctrl_c(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)


def left_in(folder: Path) -> list[str]:
    """The command lines of the processes that still work in a folder; one on its way out has a moment to be gone."""
    until = time.monotonic() + 5
    while (found := _processes_of(folder)) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def _processes_of(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / "cwd").startswith(str(folder)):
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def test_the_first_run_installs_starts_and_shows_a_result_and_ctrl_c_stops_it_all(clone: Path) -> None:
    run = MakeRun(clone, PORT=str(free_port()))
    assert run.wait_for(r"The first account: admin / (\S{12,})", 300)
    task_id = run.wait_for(r"Task   (\S+)", 120)[1]
    result = json.loads(run.wait_for(r"Result (\{.*\})", 5)[1])
    run.wait_for(r"Serving on http://127\.0\.0\.1:\d+", 5)
    assert result["success"] is True and result["exit_code"] == 0
    assert run.wait_for(r"Rows   (\d+) read, 0 failed", 5)[1] == "3000"
    shown = subprocess.run(
        [".venv/bin/python", "get_task_result_example.py", task_id], cwd=clone, capture_output=True, text=True
    )
    assert "success=True exit_code=0" in shown.stdout, shown.stderr
    run.ctrl_c()
    assert left_in(clone) == []
    # pip asks `rustc` for its version, and where that is rustup's it makes itself a folder.
    assert [path.name for path in run.home.iterdir() if path.name != ".rustup"] == [], (
        "something was written outside the clone"
    )


def test_a_second_run_reuses_what_is_there(clone: Path) -> None:
    installed = (clone / ".venv" / ".installed").stat().st_mtime_ns
    run = MakeRun(clone, PORT=str(free_port()))
    run.wait_for(r"Serving on", 60)
    run.ctrl_c()
    assert (clone / ".venv" / ".installed").stat().st_mtime_ns == installed
    assert "The first account" not in run.text


def test_a_port_that_is_taken_is_one_clear_line(clone: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        run = MakeRun(clone, PORT=str(port))
        assert run.process.wait(60) != 0
    assert f"make run: port {port} of 127.0.0.1 is taken" in run.text and "Traceback" not in run.text
    assert left_in(clone) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eighty", "PORT: 'eighty' is not usable"),
        ("HOST", "203.0.113.7", "HOST: '203.0.113.7' is not an address of this machine"),
        ("DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/none", "database: cannot be reached"),
        ("VAR_DIR", "/proc/none", "VAR_DIR"),
    ],
)
def test_a_bad_setting_is_one_clear_line(clone: Path, name: str, value: str, said: str) -> None:
    run = MakeRun(clone, **{"PORT": str(free_port()), name: value})
    assert run.process.wait(60) != 0
    assert said in run.text and "Traceback" not in run.text and "secret" not in run.text, run.text
    assert left_in(clone) == []
