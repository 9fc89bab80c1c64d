"""Engines of many machines taken together, and what a job needs of one."""

from pathlib import Path
from typing import Any

import pytest

from engines import offers, registry
from engines.base import EngineError, EngineSettings, EngineStatus
from engines.needs import Needs, can_run
from engines.registry import EngineRefusal
from tests.conftest import stream

HDFS = EngineStatus("datax", True, "0.0.1", None, ("hdfsreader", "streamreader"), ("streamwriter",))
FTP = EngineStatus("datax", True, "0.0.2", None, ("ftpreader",), ("ftpwriter", "streamwriter"))
AWAY = EngineStatus("datax", False, reason="DATAX_HOME is not set")
EMBEDDED = EngineStatus("duckdb", True, "1.5.5", None, ("streamreader",), ("streamwriter",))


def job(reader: str, writer: str, **more: Any) -> dict[str, Any]:
    return {"job": {"content": [{"reader": {"name": reader}, "writer": {"name": writer}}]}, **more}


def offered(folder: Path, *announced: EngineStatus) -> dict[str, offers.SharedEngine]:
    return offers.shared(registry.engines(EngineSettings(folder)), lambda: announced)


def test_an_engine_that_only_another_machine_has_is_offered(tmp_path: Path) -> None:
    status = offered(tmp_path, HDFS)["datax"].status()
    assert (status.available, status.version, status.reason) == (True, "0.0.1", None)
    assert status.readers == ("hdfsreader", "streamreader")


def test_plugins_of_all_machines_are_offered_together(tmp_path: Path) -> None:
    status = offered(tmp_path, HDFS, FTP)["datax"].status()
    assert status.version == "0.0.1, 0.0.2"
    assert status.readers == ("ftpreader", "hdfsreader", "streamreader")
    assert status.writers == ("ftpwriter", "streamwriter")


def test_an_engine_that_nobody_has_says_why_it_is_not_here(tmp_path: Path) -> None:
    status = offered(tmp_path, AWAY)["datax"].status()
    assert (status.available, status.reason) == (False, "DATAX_HOME is not set")


def test_automatic_takes_an_engine_that_only_another_machine_has(tmp_path: Path) -> None:
    assert registry.choose("auto", job("hdfsreader", "streamwriter"), offered(tmp_path, HDFS)).name == "datax"


def test_plugins_on_two_machines_do_not_make_a_job_that_either_can_run(tmp_path: Path) -> None:
    with pytest.raises(EngineRefusal) as refused:
        registry.choose("datax", job("hdfsreader", "ftpwriter"), offered(tmp_path, HDFS, FTP))
    assert [problem.pointer for problem in refused.value.problems] in (
        ["/job/content/0/reader/name"],
        ["/job/content/0/writer/name"],
    )


def test_an_engine_that_nobody_has_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="DATAX_HOME is not set"):
        registry.choose("datax", job("hdfsreader", "streamwriter"), offered(tmp_path))


def needs(requested: str, document: dict[str, Any]) -> Needs | None:
    return registry.needs(requested, document, registry.engines(EngineSettings(Path("/nowhere"))))


def test_a_job_that_the_embedded_engine_can_do_needs_either_engine() -> None:
    assert needs("auto", stream(1)) == Needs(("datax", "duckdb"), ("streamreader",), ("streamwriter",))


def test_a_job_with_a_plugin_that_only_datax_has_needs_datax_with_it() -> None:
    assert needs("auto", job("hdfsreader", "streamwriter")) == Needs(("datax",), ("hdfsreader",), ("streamwriter",))


def test_an_engine_that_was_asked_for_is_the_only_one_that_will_do() -> None:
    found = needs("addax", stream(1))
    assert found is not None and found.engines == ("addax",)


def test_nothing_is_known_to_need_of_a_job_that_no_engine_would_run() -> None:
    assert needs("auto", job("hdfsreader", "streamwriter", entry={"jvm": "-XX:OnError=x"})) is None


def test_needs_are_kept_as_json_and_come_back() -> None:
    found = Needs(("datax",), ("hdfsreader",), ("streamwriter",))
    assert Needs.of_dict(found.as_dict()) == found


@pytest.mark.parametrize(
    "needed, engines, can",
    [
        (None, (), True),
        (Needs(("datax",), ("hdfsreader",), ("streamwriter",)), (EMBEDDED, HDFS), True),
        (Needs(("datax",), ("hdfsreader",), ("streamwriter",)), (EMBEDDED, FTP), False),
        (Needs(("datax",), ("hdfsreader",), ("streamwriter",)), (EMBEDDED, AWAY), False),
        (Needs(("datax", "duckdb"), ("streamreader",), ("streamwriter",)), (EMBEDDED, AWAY), True),
        (Needs(("addax",), ("streamreader",), ("streamwriter",)), (EMBEDDED, HDFS), False),
        (Needs(("datax",), ("hdfsreader",), ("ftpwriter",)), (HDFS, FTP), False),
    ],
)
def test_a_machine_can_run_what_one_of_its_engines_has_everything_for(
    needed: Needs | None, engines: tuple[EngineStatus, ...], can: bool
) -> None:
    assert can_run(needed, engines) is can
