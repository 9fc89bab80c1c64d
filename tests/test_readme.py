"""Every command of both READMEs is run, as it stands there but for hosts, ports and passwords."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import Server
from tests.stack import ROOT, Stack, free_port

READMES = ("README.md", "README.zh-CN.md")


def blocks(readme: str, language: str = "sh") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)


def commands_with(readme: str, word: str) -> str:
    return next(block for block in blocks(readme) if word in block)


def shell(stack: Stack, script: str, **variables: str) -> str:
    """Run a block in the folder of the clone, with the product's settings, on the product's port."""
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{stack.port}")
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=ROOT,
        env={**stack.env(), **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def token(stack: Stack) -> str:
    return shell(stack, commands_with("README.md", "flask token create") + 'echo "$TOKEN"').strip()


def test_both_readmes_name_the_same_commands() -> None:
    ours = ["".join(line.split("#")[0].strip() + "\n" for line in block.splitlines()) for block in blocks(READMES[0])]
    theirs = ["".join(line.split("#")[0].strip() + "\n" for line in block.splitlines()) for block in blocks(READMES[1])]
    assert ours == theirs and len(ours) >= 6


@pytest.mark.parametrize("readme", READMES)
def test_submit_poll_and_log_by_curl(stack: Stack, token: str, readme: str) -> None:
    submit = next(block for block in blocks(readme) if "curl" in block and '"name": "hello"' in block)
    task_id = json.loads(shell(stack, submit, TOKEN=token))["id"]
    result = json.loads(shell(stack, commands_with(readme, "result?wait=30"), TOKEN=token, ID=task_id))
    assert result["success"] is True and "hello DataX" in result["stdout"]
    assert "hello DataX" in shell(stack, commands_with(readme, "/log"), TOKEN=token, ID=task_id)


@pytest.mark.parametrize("readme", READMES)
def test_a_file_upload_by_curl(stack: Stack, token: str, readme: str) -> None:
    upload = commands_with(readme, "-F file=@").replace("$PWD/var/files", str(stack.var_dir.parent))
    task = stack.finished(json.loads(shell(stack, upload, TOKEN=token))["id"])
    assert task["outcome"] == "succeeded", task["result"]
    assert task["progress"]["records_read"] == 3000


@pytest.mark.parametrize("readme", READMES)
def test_the_python_lines(stack: Stack, readme: str) -> None:
    code = blocks(readme, "python")[0].replace('"root": "…"', f'"root": "{ROOT}/examples"')
    code = code.replace('"files": "…"', f'"files": "{stack.var_dir.parent}"')
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=stack.env(), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"(PENDING|STARTED) False\n|SUCCESS True\n", done.stdout)


@pytest.mark.parametrize("readme", READMES)
def test_folders_of_jobs_go_in_and_out(stack: Stack, tmp_path: Path, readme: str) -> None:
    said = shell(stack, commands_with(readme, "flask job import").replace("var/jobs-exported", str(tmp_path / "out")))
    assert "orders-to-sqlite.json" in said and "0 refused" in said
    assert (tmp_path / "out" / "orders-to-sqlite.json").read_bytes() == (
        ROOT / "examples/orders-to-sqlite.json"
    ).read_bytes()
    again = shell(stack, f".venv/bin/flask job import {tmp_path}/out --dry-run | tail -n1")
    # Other tests may have saved jobs of their own, which go out and in alike.
    written = re.search(r"(\d+) jobs in", said)
    assert written is not None
    assert f"0 new, 0 changed, {written[1]} same" in again


def test_the_doctor_finds_nothing_wrong(stack: Stack) -> None:
    said = shell(stack, ".venv/bin/flask doctor")
    assert "FAULT" not in said and "ok    broker: answers" in said and "ok    migrations" in said


def test_every_setting_is_in_both_readmes() -> None:
    from webapp.config import Settings

    for readme in READMES:
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert [name for name in Settings.model_fields if f"`{name.upper()}`" not in text] == []


@pytest.fixture
def production(postgres: Server, valkey: Server, tmp_path: Path) -> Iterator[Callable[[], Stack]]:
    """What the section on production starts, on a real PostgreSQL and a real Valkey."""
    stack = Stack(tmp_path, {}, free_port())
    url = postgres.database().sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://")
    block = commands_with("README.md", "gunicorn")
    settings, *commands = [
        line.split("#")[0].strip() for line in block.splitlines() if not line.startswith("export SECRET_KEY")
    ]
    assert settings.startswith("export DATABASE_URL=postgresql://") and "REDIS_URL=redis://" in settings
    stack.environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "REDIS_URL": valkey.url,
        "SECRET_KEY": "one-key-for-all-web-machines",
        "API_TOKEN": stack.token,
        "FILE_ROOTS": str(tmp_path),
    }
    setup, *services = commands
    assert "shown only now" in shell(stack, setup)
    processes = [subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=ROOT, env=stack.env()) for command in services]
    yield lambda: stack
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(30)


def test_the_production_set_up_runs_a_job(production: Callable[[], Stack]) -> None:
    from tests.conftest import stream

    stack = production()
    until = time.monotonic() + 60
    while True:
        try:
            if stack.call("/readyz").status == 200:
                break
        except (urllib.error.URLError, OSError):
            pass
        assert time.monotonic() < until
        time.sleep(0.2)
    task = stack.finished(stack.submit(stream(2)))
    assert task["outcome"] == "succeeded" and "hello\t7" in task["result"]["stdout"]
