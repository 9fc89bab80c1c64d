"""A stopped run leaves at once and leaves nothing half-done."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.engines.duckdb.inprocess import content, made, text_writer

ROOT = Path(__file__).resolve().parents[3]
# Enough rows to keep any machine busy until the signal comes.
ROWS = 2_000_000_000


def sqlite_writer(folder: Path) -> dict[str, Any]:
    connection = sqlite3.connect(folder / "out" / "x.db")
    connection.execute("CREATE TABLE t (s TEXT)")
    connection.execute("INSERT INTO t VALUES ('old')")
    connection.commit()
    connection.close()
    place = [{"jdbcUrl": f"jdbc:sqlite:{folder}/out/x.db", "table": ["t"]}]
    return {"name": "sqlitewriter", "parameter": {"column": ["s"], "connection": place, "preSql": ["DELETE FROM t"]}}


def stream_file(folder: Path) -> dict[str, Any]:
    return {"name": "streamwriter", "parameter": {"path": str(folder / "out"), "fileName": "rows"}}


WRITERS = {
    "text": lambda folder: text_writer(folder / "out"),
    "gzip": lambda folder: text_writer(folder / "out", compress="gzip"),
    "stream": stream_file,
    "sqlite": sqlite_writer,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_the_run_within_a_second(writer: str, number: signal.Signals, tmp_path: Path) -> None:
    # A machine that is busy with other tests may hold one up.
    assert any(ended(writer, number, tmp_path / str(attempt)) < 1.0 for attempt in range(3))


def ended(writer: str, number: signal.Signals, folder: Path) -> float:
    """The seconds in which a run that was sent a signal was gone, leaving all as it was."""
    out = folder / "out"
    out.mkdir(parents=True)
    (out / "out__old").write_text("old")
    job = content(made({"value": "some text"}, rows=ROWS), WRITERS[writer](folder))
    (folder / "job.json").write_text(json.dumps(job))
    process = subprocess.Popen(
        [sys.executable, "-m", "engines.duckdb", str(folder / "job.json")], cwd=ROOT, stdout=subprocess.PIPE
    )
    wait_for_work(out)
    process.send_signal(number)
    begun = time.monotonic()
    output, _ = process.communicate(timeout=10)
    seconds = time.monotonic() - begun
    assert process.returncode == (-9 if number is signal.SIGKILL else 143), output.decode()
    left = {path.name for path in out.iterdir() if not path.name.startswith(".")}
    assert left - {"x.db", "x.db-journal"} == {"out__old"}
    assert list(out.glob(".*")) == [] or number is signal.SIGKILL
    if writer == "sqlite":
        assert sqlite3.connect(out / "x.db").execute("SELECT s FROM t").fetchall() == [("old",)]
    return seconds


def wait_for_work(folder: Path) -> None:
    """Until something has been written under a hidden name."""
    deadline = time.monotonic() + 20
    while not any(path.stat().st_size for path in folder.glob(".*")):
        assert time.monotonic() < deadline, "the run wrote nothing"
        time.sleep(0.02)


def test_a_run_dies_with_the_parent_it_was_told_of(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    job = content(made({"value": "some text"}, rows=ROWS), text_writer(tmp_path / "out"))
    (tmp_path / "job.json").write_text(json.dumps(job))
    parent = (
        "import os, subprocess, sys; "
        "child = subprocess.Popen([sys.executable, '-m', 'engines.duckdb', '--parent', str(os.getpid()), sys.argv[1]], "
        "stdout=subprocess.DEVNULL); print(child.pid, flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent, str(tmp_path / "job.json")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    child = Path("/proc") / process.stdout.readline().strip()
    wait_for_work(tmp_path / "out")
    process.kill()
    process.wait()
    deadline = time.monotonic() + 5
    while child.exists() and "Z" not in (child / "stat").read_text().rpartition(")")[2]:
        assert time.monotonic() < deadline, "the child lives on"
        time.sleep(0.02)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_signal_before_the_run_begins_ends_it_alike(tmp_path: Path) -> None:
    """The job comes through a pipe that nobody writes to, so it is still being read."""
    os.mkfifo(tmp_path / "job.json")
    command = [sys.executable, "-m", "engines.duckdb", str(tmp_path / "job.json")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    # Opening succeeds once the other end is being opened too.
    with (tmp_path / "job.json").open("wb"):
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143
