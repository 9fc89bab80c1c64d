"""Alibaba DataX in `DATAX_HOME`: `java` started directly with an argument list, never a shell, never `datax.py`."""

import copy
import json
import os
from pathlib import Path
from typing import Any

from datax_job import document as documents
from datax_job.problem import DocumentError, Problem, Text
from engines import java, plugins_on_disk
from engines.base import EngineError, EngineSettings, EngineStatus, Launch
from engines.needs import plugins_of

# The schedulers sleep this long between two looks; DataX's own 10 s is why its shortest job takes that long.
SLEEP_MILLISECONDS = 20
# How often figures are gathered, and how often a line with them is printed.
REPORT_MILLISECONDS = 1000
PRINT_MILLISECONDS = 2000

# Measured on DataX's smallest job: code, threads and metaspace.
BESIDE_HEAP_BYTES = 150 * 1024 * 1024

TRANSFORMERS = ("dx_digest", "dx_filter", "dx_groovy", "dx_pad", "dx_replace", "dx_substr")

# DataX's own pattern. Its file appender is left out: the output is the task's log, and nothing is written into DATAX_HOME.
LOGBACK = """<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <statusListener class="ch.qos.logback.core.status.NopStatusListener"/>
  <appender name="STDOUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><charset>UTF-8</charset>
      <pattern>%d{yyyy-MM-dd HH:mm:ss.SSS} [%thread] %-5level %logger{0} - %msg%n</pattern></encoder>
  </appender>
  <logger name="com.alibaba.datax.common.statistics.PerfRecord" level="OFF"/>
  <root level="INFO"><appender-ref ref="STDOUT"/></root>
</configuration>
"""

_SMALLEST_JOB = {
    "job": {
        "setting": {"speed": {"channel": 1}},
        "content": [
            {
                "reader": {"name": "streamreader", "parameter": {"column": [{"value": "x"}], "sliceRecordCount": 1}},
                "writer": {"name": "streamwriter", "parameter": {"print": False}},
            }
        ],
    }
}


class DataXEngine:
    """`home` is the unpacked DataX, None when it is not set up."""

    name = "datax"
    product = "DataX"
    setting = "DATAX_HOME"
    main_class = "com.alibaba.datax.core.Engine"
    core_jar = "datax-core-"
    home_property = "datax.home"
    arguments: tuple[str, ...] = ("-mode", "standalone", "-jobid", "-1")
    oldest_java = 8

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings

    @property
    def home(self) -> Path | None:
        return self.settings.datax_home

    def status(self) -> EngineStatus:
        reason = self._fault()
        if reason is not None or self.home is None:
            return EngineStatus(self.name, False, reason=reason)
        found = plugins_on_disk.installed(self.home)
        limits = _channel_limits(self.home)
        return EngineStatus(self.name, True, self._version(), None, found.readers, found.writers, TRANSFORMERS, limits)

    def refusals(self, job: dict[str, Any]) -> list[Problem]:
        return self.refusals_at(self.status(), job)

    def refusals_at(self, status: EngineStatus, job: dict[str, Any]) -> list[Problem]:
        """The plugins that are not installed, and JVM options that a document may not ask for."""
        missing = []
        for side, known in (("reader", status.readers), ("writer", status.writers)):
            for pointer, name in plugins_of(job, side):
                if name not in known:
                    values = {"plugin": name, "setting": self.setting, "side": side}
                    text = Text(
                        "%(plugin)s is not installed in %(setting)s: put its folder into plugin/%(side)s", values
                    )
                    missing.append(Problem(pointer, text))
        return missing + _refused_wishes(job)

    def launch(self, job: dict[str, Any], folder: Path) -> Launch:
        reason = self._fault()
        if reason is not None:
            values = {"engine": self.name, "reason": reason}
            raise EngineError("engine-unavailable", Text("the engine %(engine)s is not available: %(reason)s", values))
        path = _write(folder / "job.json", self.effective(job))
        self._make_archive()
        command = self._command(folder, java.wishes(job))
        return Launch((*command, "-job", str(path)), folder, self._environment(folder))

    def effective(self, job: dict[str, Any]) -> dict[str, Any]:
        """The document as it is run: with short sleeps, unless it asks for its own."""
        effective = copy.deepcopy(job)
        effective.pop("entry", None)
        container = _section(_section(effective, "core"), "container")
        _section(container, "job").setdefault("sleepInterval", SLEEP_MILLISECONDS)
        _section(container, "job").setdefault("reportInterval", PRINT_MILLISECONDS)
        _section(container, "taskGroup").setdefault("sleepInterval", SLEEP_MILLISECONDS)
        _section(container, "taskGroup").setdefault("reportInterval", REPORT_MILLISECONDS)
        return effective

    def memory(self, job: dict[str, Any]) -> int:
        """The heap, and what the JVM takes beside it."""
        return java.heap_bytes(java.options(self.settings.jvm_options, java.wishes(job))) + BESIDE_HEAP_BYTES

    def _command(self, folder: Path, wished: tuple[str, ...]) -> list[str]:
        """Everything of the command but the job."""
        logback = folder / "logback.xml"
        logback.write_text(LOGBACK, encoding="utf-8")
        properties = {
            "file.encoding": "UTF-8",
            "sun.stdout.encoding": "UTF-8",
            "stdout.encoding": "UTF-8",
            "user.language": "zh",
            "user.country": "CN",
            "java.security.egd": "file:///dev/urandom",
            "java.io.tmpdir": str(folder),
            self.home_property: str(self.home),
            "logback.configurationFile": str(logback),
        }
        if self.settings.timezone:
            properties["user.timezone"] = self.settings.timezone
        jars = ":".join(str(jar) for jar in self._jars())
        given = java.options(self.settings.jvm_options, wished)
        program = java.find(self.settings.java) or self.settings.java
        defined = [f"-D{name}={value}" for name, value in properties.items()]
        return [
            program,
            *given,
            *self._archive().options(),
            *defined,
            "-classpath",
            jars,
            self.main_class,
            *self.arguments,
        ]

    def _environment(self, folder: Path) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"}

    def _jars(self) -> list[Path]:
        """One by one and in a fixed order: a wildcard, or the working folder, would make the class-data archive useless."""
        return sorted((self.home or Path()).glob("lib/*.jar"))

    def _archive(self) -> java.ClassArchive:
        return java.ClassArchive(self.settings.var_dir / "class-archives", self.settings.java, self._jars())

    def _make_archive(self) -> None:
        def smallest(folder: Path) -> list[str]:
            job = _write(folder / "job.json", self.effective(_SMALLEST_JOB))
            return [*self._command(folder, ()), "-job", str(job)]

        self._archive().make(smallest)

    def _fault(self) -> str | None:
        """Why it cannot run, in one line."""
        if self.home is None:
            return f"{self.setting} is not set"
        if not self.home.is_dir():
            return f"{self.setting}: {self.home} is not a folder"
        if not any(jar.name.startswith(self.core_jar) for jar in self._jars()):
            return (
                f"{self.setting}: {self.home} holds no lib/{self.core_jar}*.jar; it must be an unpacked {self.product}"
            )
        found = java.version(self.settings.java)
        if found is None:
            return f"{self.settings.java!r} is not a Java runtime that starts; install one, or set JAVA_HOME"
        if found < self.oldest_java:
            return f"Java {found} is too old for {self.product}; {self.oldest_java} or newer is needed (JAVA_HOME)"
        return None

    def _version(self) -> str | None:
        names = [jar.stem.removeprefix(self.core_jar) for jar in self._jars() if jar.name.startswith(self.core_jar)]
        return names[0] if names else None


def _channel_limits(home: Path) -> tuple[str, ...]:
    """What conf/core.json says of one channel's speed; DataX lays each job over it."""
    try:
        core: Any = documents.parse((home / "conf" / "core.json").read_bytes()).value
        speed = core["core"]["transport"]["channel"]["speed"]
        return tuple(unit for unit in ("byte", "record") if int(speed.get(unit) or 0) > 0)
    except (OSError, DocumentError, LookupError, TypeError, ValueError, AttributeError):
        return ()


def _section(value: dict[str, Any], key: str) -> dict[str, Any]:
    """The object under a key, made where it is missing; what is no object there is DataX's to refuse, not ours to repair."""
    section = value.setdefault(key, {})
    return section if isinstance(section, dict) else {}


def _refused_wishes(job: dict[str, Any]) -> list[Problem]:
    try:
        java.wishes(job)
    except ValueError as error:
        text = Text(
            "a job may not ask for the JVM option %(option)s; sizes and collectors are accepted", {"option": str(error)}
        )
        return [Problem("/entry/jvm", text)]
    return []


def _write(path: Path, job: dict[str, Any]) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(job, file, ensure_ascii=False)
    return path
