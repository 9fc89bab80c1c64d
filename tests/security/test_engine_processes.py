"""What an engine's process gets from the worker that starts it, and what it does not."""

import os
import resource
import shutil
import signal
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from engines import limited, process
from engines.base import Launch
from engines.confinement import Confinement
from tests.conftest import stream
from webapp.config import SettingError, load
from webapp.tasks.private import private_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of other processes are Linux's")

WAIT = "import resource, time\nwhile resource.getrlimit(resource.RLIMIT_CORE) != (0, 0): time.sleep(0.01)\n"


def said(script: str, tmp_path: Path, confinement: Confinement = process.UNLIMITED) -> tuple[int, str]:
    """Exit code and output of a process that begins once it is limited."""
    output = bytearray()
    launch = Launch((sys.executable, "-I", "-S", "-c", WAIT + script), tmp_path, {"A": "b"})
    with process.start(launch, confinement) as child:
        code = child.supervise(lambda _, chunk: output.extend(chunk), lambda: None, every=1)
    return code, output.decode()


def test_it_gains_no_rights_and_leaves_no_core(tmp_path: Path) -> None:
    _, output = said("print(open('/proc/self/status').read(), resource.getrlimit(resource.RLIMIT_CORE))", tmp_path)
    assert "NoNewPrivs:\t1" in output and "(0, 0)" in output


def test_it_has_no_environment_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "of-the-worker")
    _, output = said("print(open('/proc/self/environ').read())", tmp_path)
    assert "of-the-worker" not in output and "A=b" in output


@pytest.mark.parametrize("engine", ["duckdb", "datax"])
def test_an_engine_is_told_nothing_of_the_settings(app: Flask, engine: str, tmp_path: Path) -> None:
    names = {"PATH", "PYTHONPATH", "PYTHONUTF8", "HOME", "LANG", "TZ", "TMPDIR"}
    environment = _environment(app, engine, tmp_path)
    assert set(environment) <= names and environment["TMPDIR"] == environment["HOME"] == str(tmp_path)


def test_it_inherits_no_open_file(tmp_path: Path) -> None:
    with (tmp_path / "of-the-worker").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        _, output = said("import os; print(sorted(os.listdir('/proc/self/fd')))", tmp_path)
    assert output.strip() in ("['0', '1', '2', '3']",)


def test_processor_time_is_limited(tmp_path: Path) -> None:
    code, _ = said("while True: pass", tmp_path, Confinement(cpu_seconds=1))
    assert code in (-signal.SIGXCPU, -signal.SIGKILL)


def test_memory_is_limited(tmp_path: Path) -> None:
    code, output = said("bytearray(600 * 2**20)", tmp_path, Confinement(memory=300 * 2**20))
    assert code == 1 and "MemoryError" in output


def test_the_size_and_the_number_of_files_are_limited(tmp_path: Path) -> None:
    code, output = said("open('x', 'wb').write(b'x' * 2**20)", tmp_path, Confinement(file_bytes=1000))
    assert (code == 1 and "File too large" in output) or code == -signal.SIGXFSZ
    code, output = said("files = [open('/dev/null') for _ in range(100)]", tmp_path, Confinement(open_files=50))
    assert code == 1 and "Too many open files" in output


def test_a_limit_is_never_wider_than_the_systems(tmp_path: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    _, output = said("print(resource.getrlimit(resource.RLIMIT_NOFILE)[1])", tmp_path, Confinement(open_files=hard * 2))
    assert output.strip() == str(hard)


def test_a_setting_becomes_limits() -> None:
    settings = load({"ENGINE_LIMITS": "cpu=60, memory=2GiB, file_size=1MiB, open_files=100, user=nobody"})
    assert settings.engine_limits == Confinement(60, 2 * 2**30, 2**20, 100, "nobody")
    assert load({}).engine_limits == Confinement()


@pytest.mark.parametrize("wrong", ["cpu", "cpu=x", "cpu=0", "memory=-1", "user=nobody-has-this-name", "disk=1GiB"])
def test_a_limit_that_means_nothing_stops_the_start(wrong: str) -> None:
    with pytest.raises(SettingError, match="ENGINE_LIMITS"):
        load({"ENGINE_LIMITS": wrong})


@pytest.fixture
def open_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other users may not look into the folders of a developer's own Python and of this repository."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    monkeypatch.setattr(limited, "__file__", str(shutil.copy(limited.__file__, folder)))
    monkeypatch.setattr(sys, "executable", shutil.which("python3", path=os.defpath))


@pytest.mark.skipif(
    os.getuid() != 0 or shutil.which("python3", path=os.defpath) is None,
    reason="only root can start a process as somebody else, who needs a Python",
)
def test_it_can_run_as_another_user(tmp_path: Path, open_to_all: None) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    (folder / "job.json").write_text("{}")
    (folder / "job.json").chmod(0o600)
    confinement = Confinement(user="nobody", open_files=50)
    confinement.hand_over(folder)
    status = (folder / "job.json").stat()
    assert status.st_uid != 0 and stat.S_IMODE(status.st_mode) == 0o600
    script = "id; ulimit -n; ulimit -c"
    launch = Launch(("/bin/sh", "-c", script), Path("/"), {"PATH": os.defpath})
    output = bytearray()
    with process.start(launch, confinement) as child:
        child.supervise(lambda _, chunk: output.extend(chunk), lambda: None, every=1)
    who, files, core = output.decode().splitlines()
    assert "(nobody)" in who and "root" not in who and (files, core) == ("50", "0")


def test_the_folder_of_a_run_is_its_owners_alone_and_goes(app: Flask) -> None:
    with private_folder(app.config["SETTINGS"]) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "job.json").write_text("x")
    assert not folder.exists()


def _environment(app: Flask, engine: str, folder: Path) -> dict[str, Any]:
    chosen = app.extensions["engines"][engine]
    return dict(chosen._environment(folder) if engine == "datax" else chosen.launch(stream(1), folder).env)
