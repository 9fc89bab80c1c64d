"""What DataX did with a job, the embedded engine does too."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.cases import Case, load_cases, write_files, written_files

ROOT = Path(__file__).resolve().parents[2]
# Longer than any case takes on a busy machine.
LIMIT = 60


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.name)
def test_the_embedded_engine_does_what_datax_did(case: Case, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    databases = {kind: request.getfixturevalue(kind) for kind in case.needs}
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    write_files(case, inside, outside)
    for kind, database in databases.items():
        database.execute(*case.setup.get(kind, []))
    places = {"in": str(inside), "out": str(outside), **{kind: each.jdbc_url for kind, each in databases.items()}}

    exit_code, output = run_job(case, places, tmp_path)

    assert exit_code == case.expect["exit_code"], output
    if exit_code == 0:
        assert summary(output, "读出记录总数") == case.expect["records_read"], output
        assert summary(output, "读写失败总数") == case.expect["records_failed"], output
        check_files(case, outside)
        for table, lines in case.expect["tables"].items():
            kind, _, name = table.partition(":")
            assert databases[kind].printed(f"SELECT * FROM {name} ORDER BY 1") == lines
    else:
        assert f"Code:[{case.expect['error_code']}]" in output.rpartition("最可能的错误原因是")[2], output
        assert not any(path.name.endswith(".part") for path in outside.iterdir())
    assert "p@ss" not in output


def run_job(case: Case, places: dict[str, str], folder: Path) -> tuple[int, str]:
    job = folder / "job.json"
    job.write_text(json.dumps(case.document(places), ensure_ascii=False))
    params = ["-p", " ".join(f"-D{name}={value}" for name, value in case.params.items())] if case.params else []
    command = [sys.executable, "-m", "engines.duckdb", *params, str(job)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def summary(output: str, title: str) -> int | None:
    found = re.search(rf"^{title}\s*:\s*(\d+)$", output, re.MULTILINE)
    return int(found[1]) if found else None


def check_files(case: Case, folder: Path) -> None:
    expected = case.expect["files"]
    wanted = [(each["name"], each["text"]) for each in expected]
    found = written_files(folder, expected)
    if case.ordered:
        assert found == sorted(wanted)
    else:
        assert {name for name, _ in found} == {name for name, _ in wanted}
        assert sorted(rows(found)) == sorted(rows(wanted))


def rows(files: list[tuple[str, str]]) -> list[str]:
    """All rows of all files: how they are split over files is the engine's affair."""
    return [line for _, text in files for line in text.splitlines()]
