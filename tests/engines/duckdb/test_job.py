"""The engine reads a job file as the application reads the document that a person gave it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datax_job.document import parse
from datax_job.parameters import fill
from engines.base import EngineSettings
from engines.duckdb.engine import DuckDBEngine
from engines.duckdb.job import load

WRITTEN = [
    '{"job": {"a": 1}}',
    '\ufeff{"job": {"a": "${day}-$day-\\u0024{day}"}}',
    '/* why */ {"job": {"a": [1, 2], // more\n "b": "http://x/*no*/"}}',
    "{'job': {'a': 'it\\'s ${day}'}}",
    '{"job": {"a": 12345678901234567890, "b": 1e400, "c": 0.1000000000000000055, "d": "张 😀"}}',
    '{"job": {"a": 1, "a": 2, "n": null, "t": true,}}',
]
# A document holds no NUL: the application refuses it before.
TEXTS = st.text(st.characters(min_codepoint=1, exclude_categories=("Cs",)), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize("text", WRITTEN)
def test_a_file_means_what_the_application_takes_it_for(text: str, tmp_path: Path) -> None:
    path, values = tmp_path / "job.json", {"day": '2026-01-31"}'}
    path.write_text(text, encoding="utf-8")
    try:
        expected: Any = fill(parse(text).value, values)
    except Exception as refused:
        with pytest.raises(Exception, match="line 1"):
            load(path, values)
        assert getattr(refused, "problems", None)
    else:
        assert load(path, values) == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.dictionaries(TEXTS, JSON, max_size=4))
def test_what_the_application_writes_for_the_engine_is_read_back_as_it_was(
    part: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "job.json").unlink(missing_ok=True)
    job = {"job": part, "core": {"password": "${not} a $place"}}
    DuckDBEngine(EngineSettings(var_dir=tmp_path)).launch(job, tmp_path)
    assert load(tmp_path / "job.json", {}) == job
