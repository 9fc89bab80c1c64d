"""The example job, run through the public API as any other program would: in a process of its own that loads nothing of ours."""

import json
import multiprocessing
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from threading import Thread
from typing import Any

START_SECONDS = 60
JOB_SECONDS = 60


def run(base: str, token: str, submission: dict[str, Any]) -> None:
    """Wait for the server at `base`, submit the job, print its id, state and result."""
    os.setpgid(0, 0)  # the supervisor decides when this ends, and nobody's Ctrl-C
    Thread(target=_end_with_supervisor, daemon=True).start()
    if not _ready(base):
        print(
            "make run: the server did not become ready within a minute; its messages above say why",
            file=sys.stderr,
            flush=True,
        )
        return
    try:
        task = _call(base, token, "/api/tasks", submission)
        _call(base, token, f"/api/tasks/{task['id']}/result?wait={JOB_SECONDS}")
        _tell(base, _call(base, token, f"/api/tasks/{task['id']}"))
    except urllib.error.HTTPError as error:
        detail = json.load(error).get("detail", error.reason)
        print(f"make run: the example job was refused, and the server serves on: {detail}", file=sys.stderr, flush=True)


def _end_with_supervisor() -> None:
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        supervisor.join()
        os._exit(1)


def submission(examples: Path, files: Path) -> dict[str, Any]:
    """`orders-to-sqlite.json` in the folder of examples, with the folder of files to write to."""
    return {
        "name": "example: orders.csv to SQLite",
        "job": (examples / "orders-to-sqlite.json").read_text(encoding="utf-8"),
        "params": {"root": str(examples), "files": str(files)},
    }


def _ready(base: str) -> bool:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _call(base: str, token: str, path: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data, headers)
    with urllib.request.urlopen(request, timeout=JOB_SECONDS + 10) as response:
        return json.load(response)


def _tell(base: str, task: dict[str, Any]) -> None:
    result = task["result"] or {}
    progress = task["progress"] or {}
    brief = {
        "success": result.get("success"),
        "exit_code": result.get("exit_code"),
        "stderr": result.get("stderr", "")[-2000:],
    }
    lines = [
        "",
        f"Task   {task['id']}",
        f"State  {task['state']}",
        f"Result {json.dumps(brief, ensure_ascii=False)}",
        f"Rows   {progress.get('records_read', 0)} read, {progress.get('records_failed', 0)} failed",
        "",
        f"Serving on {base}   Stop with Ctrl-C",
        f"Read the result again:  .venv/bin/python get_task_result_example.py {task['id']}",
        "",
    ]
    print("\n".join(lines), flush=True)
