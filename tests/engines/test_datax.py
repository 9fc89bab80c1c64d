"""The engines datax and addax: what they start, with a stand-in `java` that replays what DataX really printed."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from datax_job.summary import OutputReader
from engines import inspection, java, plugins_on_disk, process
from engines.addax import AddaxEngine
from engines.base import EngineError, EngineSettings
from engines.datax import DataXEngine
from tests import standin
from tests.conftest import stream

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "datax-samples"

STAND_IN = """
import json, os, signal, sys
if "-version" in sys.argv:
    print('openjdk version "17.0.15" 2025-04-15', file=sys.stderr)
    sys.exit(0)
if any(argument.startswith("-XX:DumpLoadedClassList") for argument in sys.argv):
    sys.exit(1)
with open({seen!r}, "w") as file:
    job = sys.argv[sys.argv.index("-job") + 1]
    mode = oct(os.stat(job).st_mode & 0o777)
    json.dump({{"argv": sys.argv, "env": dict(os.environ), "cwd": os.getcwd(), "job": json.load(open(job)), "mode": mode}}, file)
sys.stdout.buffer.write(open({stdout!r}, "rb").read())
sys.stdout.flush()
code = {code}
os.kill(os.getpid(), -code) if code < 0 else sys.exit(code)
"""


class World:
    """A made-up DataX or Addax home and a stand-in Java."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "data x home"
        for kind, names in (("reader", ("streamreader", "mysqlreader")), ("writer", ("streamwriter",))):
            for name in names:
                place = self.home / "plugin" / kind / name
                place.mkdir(parents=True)
                (place / "plugin.json").write_text(json.dumps({"name": name, "class": "x"}))
        (self.home / "lib").mkdir()
        for jar in ("datax-core-0.0.1.jar", "addax-core-6.0.0.jar", "another.jar"):
            (self.home / "lib" / jar).write_bytes(b"jar")
        self.java = folder / "java"
        self.replay("success-stream-print")

    def replay(self, sample: str) -> None:
        code = json.loads((SAMPLES / "index.json").read_text())[sample]["exit_code"]
        stdout = SAMPLES / f"{sample}.stdout"
        text = STAND_IN.format(seen=str(self.folder / "seen.json"), stdout=str(stdout), code=code)
        self.java.unlink(missing_ok=True)
        self.java.write_text(standin.PYTHON + text)
        self.java.chmod(0o755)

    def settings(self, **values: Any) -> EngineSettings:
        return EngineSettings(
            self.folder / "var", **{"datax_home": self.home, "addax_home": self.home, "java": str(self.java), **values}
        )

    def run(self, engine: DataXEngine, job: dict[str, Any]) -> tuple[int, OutputReader]:
        folder = self.folder / "run"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        reader = OutputReader()
        child = process.start(engine.launch(job, folder))
        code = child.supervise(
            lambda name, chunk: reader.feed(chunk) if name == "stdout" else None, lambda: None, every=0.1
        )
        reader.finish()
        return code, reader

    @property
    def seen(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "seen.json").read_text()))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize("sample", sorted(json.loads((SAMPLES / "index.json").read_text())))
def test_every_recorded_run_comes_through_with_its_exit_code(world: World, sample: str) -> None:
    world.replay(sample)
    code, reader = world.run(DataXEngine(world.settings()), stream(1))
    assert code == json.loads((SAMPLES / "index.json").read_text())[sample]["exit_code"]
    assert (reader.failure is not None) == (code == 1)


def test_java_is_started_directly_with_short_sleeps_and_a_clean_environment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for children")
    world.run(DataXEngine(world.settings(timezone="Asia/Shanghai", jvm_options=("-Xmx3g",))), stream(1))
    argv, container = world.seen["argv"], world.seen["job"]["core"]["container"]
    assert container["job"]["sleepInterval"] < 100 and container["taskGroup"]["sleepInterval"] < 100
    assert "com.alibaba.datax.core.Engine" in argv and "-Duser.timezone=Asia/Shanghai" in argv
    assert argv.index("-Xmx3g") > argv.index("-Xmx1g"), "of two the JVM takes the last"
    assert argv[argv.index("-classpath") + 1].split(":") == sorted(
        str(jar) for jar in (world.home / "lib").glob("*.jar")
    )
    assert "SECRET_KEY" not in world.seen["env"] and world.seen["mode"] == "0o600"
    assert world.seen["cwd"] == str(world.folder / "run")
    assert not (world.home / "log").exists()


def test_the_documents_own_wishes_win(world: World) -> None:
    wish = {"container": {"job": {"sleepInterval": 5000}}, "transport": {"channel": {"speed": {"byte": 1}}}}
    job = {**stream(1), "core": wish, "entry": {"jvm": "-Xms256m -Xmx512m -XX:+UseG1GC"}}
    world.run(DataXEngine(world.settings()), job)
    assert world.seen["job"]["core"]["container"]["job"]["sleepInterval"] == 5000
    assert world.seen["job"]["core"]["transport"] == wish["transport"]
    argv = world.seen["argv"]
    assert "-XX:+UseG1GC" in argv and "-XX:+UseSerialGC" not in argv, "two collectors would stop the JVM"
    assert job["core"] == wish, "the document itself is not touched"


@pytest.mark.parametrize(
    "option",
    [
        "-XX:OnOutOfMemoryError=reboot",
        "-javaagent:x.jar",
        "-agentlib:jdwp",
        "-Djava.security.manager",
        "@argfile",
        "-XX:Flags=/x",
        "-cp",
    ],
)
def test_a_document_cannot_ask_java_to_run_code(world: World, option: str) -> None:
    problems = DataXEngine(world.settings()).refusals({**stream(1), "entry": {"jvm": f"-Xmx1g {option}"}})
    assert [problem.pointer for problem in problems] == ["/entry/jvm"] and option in problems[0].message


def test_a_plugin_that_is_not_installed_is_named(world: World) -> None:
    job = stream(1)
    job["job"]["content"][0]["reader"]["name"] = "oraclereader"
    problems = DataXEngine(world.settings()).refusals(job)
    assert problems[0].pointer == "/job/content/0/reader/name"
    assert "oraclereader" in problems[0].message and "DATAX_HOME" in problems[0].message


def test_addax_gets_its_dialect(world: World) -> None:
    engine = AddaxEngine(world.settings())
    assert engine.status().version == "6.0.0"
    world.run(engine, stream(1))
    assert isinstance(world.seen["job"]["job"]["content"], dict)
    assert "com.wgzhao.addax.core.Engine" in world.seen["argv"]
    assert f"-Daddax.log={world.folder / 'run'}" in world.seen["argv"]


def test_the_status_lists_what_is_installed(world: World) -> None:
    status = DataXEngine(world.settings()).status()
    assert status.available and status.version == "0.0.1" and status.reason is None
    assert status.readers == ("mysqlreader", "streamreader") and status.writers == ("streamwriter",)


def test_a_broken_plugin_is_told_by_the_inspection(world: World) -> None:
    (world.home / "plugin" / "reader" / "mysqlreader" / "plugin.json").write_text("{")
    broken = [finding for finding in inspection.findings(world.settings()) if not finding.ok]
    assert any("mysqlreader" in str(finding.detail) for finding in broken)


def test_why_an_engine_is_not_available_is_one_clear_line(world: World, tmp_path: Path) -> None:
    def reason(**values: Any) -> str:
        status = DataXEngine(world.settings(**values)).status()
        assert not status.available and status.reason and "\n" not in status.reason
        return status.reason

    assert reason(datax_home=None) == "DATAX_HOME is not set"
    assert "is not a folder" in reason(datax_home=tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "unpacked DataX" in reason(datax_home=tmp_path / "empty")
    assert "JAVA_HOME" in reason(java=str(tmp_path / "no" / "java"))
    with pytest.raises(EngineError, match="not available"):
        DataXEngine(world.settings(java="/no/java")).launch(stream(1), tmp_path)


def test_an_old_java_is_named(world: World) -> None:
    world.java.write_text("#!/bin/sh\necho 'java version \"1.8.0_202\"' >&2\n")
    os.utime(world.java, ns=(1, 1))
    assert java.version(str(world.java)) == 8
    assert "Java 8 is too old for Addax" in str(AddaxEngine(world.settings()).status().reason)
    assert DataXEngine(world.settings()).status().available


def test_a_java_that_hangs_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "VERSION_SECONDS", 1)
    world.java.write_text("#!/bin/sh\nsleep 60\n")
    world.java.chmod(world.java.stat().st_mode | stat.S_IXUSR)
    os.utime(world.java, ns=(2, 2))
    assert java.version(str(world.java)) is None


def test_the_plugins_own_job_template_is_there_to_be_shown(world: World) -> None:
    template = {"name": "mysqlreader", "parameter": {"username": ""}}
    (world.home / "plugin" / "reader" / "mysqlreader" / "plugin_job_template.json").write_text(json.dumps(template))
    assert plugins_on_disk.template(world.home, "reader", "mysqlreader") == template
    assert plugins_on_disk.template(world.home, "reader", "streamreader") is None
    assert plugins_on_disk.template(world.home, "writer", "mysqlreader") is None


@pytest.mark.parametrize(
    ("core", "limits"),
    [
        ('{"core": {"transport": {"channel": {"speed": {"byte": 1048576, "record": -1}}}}}', ("byte",)),
        ('{"core": {"transport": {"channel": {"speed": {"byte": -1, "record": "5000"}}}}} // a comment', ("record",)),
        ('{"core": {"transport": {"channel": []}}}', ()),
        ("no document", ()),
    ],
)
def test_the_limits_of_a_channel_are_those_of_the_installation(
    world: World, core: str, limits: tuple[str, ...]
) -> None:
    assert DataXEngine(world.settings()).status().channel_limits == ()
    (world.home / "conf").mkdir()
    (world.home / "conf" / "core.json").write_text(core)
    assert DataXEngine(world.settings()).status().channel_limits == limits
