"""What must hold for any input. Each target makes one from a source of chance, and raises when something does not hold."""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from datax_job import document, parameters, redaction
from datax_job.check import check
from datax_job.diagnosis import explain
from datax_job.document import Document
from datax_job.problem import DocumentError
from datax_job.summary import OutputReader
from tests.fuzz import inputs
from webapp.logs import appender
from webapp.logs.local import LocalShelf
from webapp.logs.store import LogStore

ID = "08c30376-b3f6-41d3-a90b-053032e823c5"


def parser(random: Random) -> None:
    """A document is read or refused at a place in it; what is read can be checked, masked, and written again."""
    data = inputs.mutated(random, inputs.documents())
    found = parsed(data)
    masked = redaction.redact_text(data)
    if found is None:
        return
    written = json.dumps(found.value)
    assert document.parse(written).value == found.value
    lines = found.text.count("\n") + found.text.count("\r") + 1
    for problem in check(found):
        assert problem.line is None or 1 <= problem.line <= lines, problem
    assert document.parse(masked).value == redaction.redact(found.value), "the text and the value are masked alike"


def filler(random: Random) -> None:
    """Values stay in the strings that they were filled into, whatever is in them."""
    found = parsed(inputs.mutated(random, inputs.documents()))
    if found is None:
        return
    names = [*parameters.placeholders(found.value), "a", "day", inputs.text(random)]
    params = {name: inputs.value(random) for name in names if random.random() < 0.7}
    filled = parameters.fill(found.value, params)
    assert shape(filled) == shape(found.value)
    assert parameters.fill(found.value, {}) == found.value
    for problem in check(found, params):
        assert problem.pointer == "" or problem.pointer.startswith("/"), problem
    json.dumps(redaction.redact_parameters(params, found.text))


def log_reader(random: Random) -> None:
    """What a run printed is understood alike however it was cut, and kept so that every byte can be read again."""
    data = inputs.mutated(random, inputs.outputs())
    whole, cut = OutputReader(), OutputReader()
    whole.feed(data)
    for piece in inputs.pieces(random, data):
        cut.feed(piece)
    whole.finish()
    cut.finish()
    assert (whole.progress, whole.failure, whole.channels) == (cut.progress, cut.failure, cut.channels)
    said = whole.failure
    explain(said.code if said else None, said.message if said else "", random.choice((-9, 0, 1, 137, 143)))
    _kept(random, data[:20_000])


def _kept(random: Random, data: bytes) -> None:
    usual = appender.PART_BYTES
    appender.PART_BYTES = random.choice((8, 100, 5000))
    try:
        with tempfile.TemporaryDirectory() as folder:
            store = LogStore(LocalShelf(Path(folder)))
            with store.writer(ID, 1) as writer:
                for piece in inputs.pieces(random, data)[:200]:
                    writer.write("stdout", piece)
            assert not writer.lost.count
            offset = random.randint(0, len(data) + 10)
            found = store.read(ID, 1, offset, random.choice((1, 5, 1000)))
            found.text.decode()
            assert found.next_offset >= min(offset, store.state(ID, 1).size)
    finally:
        appender.PART_BYTES = usual


TARGETS: dict[str, Callable[[Random], None]] = {"parser": parser, "filler": filler, "log_reader": log_reader}


def parsed(data: bytes) -> Document | None:
    try:
        return document.parse(data)
    except DocumentError as refused:
        assert refused.problems, "a refusal says why"
        return None


def shape(value: Any) -> Any:
    """Everything of a value but what its strings say."""
    if isinstance(value, dict):
        return {key: shape(held) for key, held in value.items()}
    if isinstance(value, list):
        return [shape(held) for held in value]
    return str if isinstance(value, str) else value


def seeds(first: int) -> Iterator[int]:
    while True:
        yield first
        first += 1
