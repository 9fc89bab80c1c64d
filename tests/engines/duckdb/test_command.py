"""The engine as a command."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engines.duckdb.arguments import Command, parse
from engines.duckdb.failure import Failure
from tests.engines.duckdb.inprocess import content, made, run, text_writer

ROOT = Path(__file__).resolve().parents[3]
PRINTED = {"name": "streamwriter", "parameter": {}}


def start(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "engines.duckdb", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def write(folder: Path, document: Any) -> str:
    path = folder / "a job.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


def test_words_are_taken_as_datax_py_takes_them() -> None:
    command = parse(["-p", "-Dday=2026-01-31 -Dname='two words'", "job.json", "--parent", "7"])
    assert command == Command(Path("job.json"), {"day": "2026-01-31", "name": "two words"}, 7)


@pytest.mark.parametrize("words", [[], ["a.json", "b.json"], ["--jvm", "a.json"], ["-p", "-Da='x", "a.json"]])
def test_other_words_are_refused(words: list[str]) -> None:
    with pytest.raises(Failure):
        parse(words)


def test_parameters_cannot_break_out_of_their_string(tmp_path: Path) -> None:
    job = write(tmp_path, content(made({"value": "${x}"}), PRINTED))
    done = start("-p", '-Dx=\'z","type":"long\'', job)
    assert done.returncode == 0
    assert '\nz","type":"long\n' in done.stdout


@pytest.mark.parametrize(
    ("text", "code"), [('{"job": {,}}', "Common-00"), ("[]", "Common-00"), ("", "Common-00"), ("{}", "Framework-03")]
)
def test_a_document_that_is_none_fails_with_its_code(text: str, code: str, tmp_path: Path) -> None:
    done = start(write(tmp_path, text))
    assert (done.returncode, done.stderr) == (1, "")
    assert f"Code:[{code}]" in done.stdout


def test_a_missing_file_fails_with_its_code(tmp_path: Path) -> None:
    done = start(str(tmp_path / "none.json"))
    assert (done.returncode, done.stderr) == (1, "")
    assert "Code:[Framework-03]" in done.stdout


def test_comments_in_a_job_are_no_harm(tmp_path: Path) -> None:
    text = "/* a job */\n" + json.dumps(content(made({"value": "x"}), PRINTED)) + " // done"
    assert start(write(tmp_path, text)).returncode == 0


def test_a_dry_run_moves_nothing(tmp_path: Path) -> None:
    outcome = run(content(made({"value": "x"}), text_writer(tmp_path / "out"), dryRun=True), tmp_path)
    assert outcome.exit_code == 0
    assert "PreCheck通过" in outcome.output
    assert not (tmp_path / "out").exists()


def test_when_nobody_listens_any_more_the_run_ends_and_leaves_nothing(tmp_path: Path) -> None:
    job = write(tmp_path, content(made({"value": "some text"}, rows=2_000_000_000), text_writer(tmp_path / "out")))
    process = subprocess.Popen(
        [sys.executable, "-m", "engines.duckdb", job], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(20) == 1
    assert process.stderr.read() == b""
    process.stderr.close()
    assert list((tmp_path / "out").iterdir()) == []
