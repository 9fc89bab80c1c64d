"""The recipe of a run: find the slices, prepare the target, move each slice, publish."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engines.duckdb.failure import Failure
from engines.duckdb.plan import Plan
from engines.duckdb.plugins import Slice
from engines.duckdb.rows import (
    LIMIT_WORD,
    NO_DATE,
    NO_ROOM,
    ODD_WORD,
    Again,
    Counted,
    Dirty,
    Fate,
    Odd,
    Rows,
    Wide,
    counted,
    samples,
)
from engines.duckdb.session import SAMPLES, Session


def run(plan: Plan, session: Session) -> None:
    """Raises Failure; then nothing new stands in the target under its final name.

    1. The reader looks for its slices, so that a missing source fails before the target is touched.
    2. The writer prepares: checks, statements to run first.
    3. Slice by slice is written. 4. The limit of bad records is looked at. 5. All becomes final at once.
    """
    slices = plan.reader.slices(session, plan.setting.channels)
    session.log.info("JobContainer", f"DataX Reader.Job [{plan.reader_name}] splits to [{len(slices)}] tasks.")
    try:
        plan.writer.prepare(session, len(slices))
        session.transfer_started = time.monotonic()
        for number, part in enumerate(slices):
            _transfer(plan, session, part, number)
            session.share = (number + 1) / len(slices)
        session.check_limits()
        plan.writer.publish(session)
    except BaseException:
        plan.writer.discard(session)
        raise


def _transfer(plan: Plan, session: Session, part: Slice, number: int) -> None:
    """The fast way first; where a row turns up that it cannot judge, the whole slice again the exact way."""
    exact = not plan.writer.restartable
    while True:
        try:
            return _attempt(plan, session, part, number, exact)
        except Odd:
            if exact:
                raise
            session.log.info("Engine", f"{part.name}: values that need a closer look, starting again the exact way.")
            exact = True
        except Again:
            session.log.info("Engine", f"{part.name}: a row that must be looked at by itself, starting again.")
        except Wide:
            session.widen(part.name)
        except Exception as error:
            if NO_ROOM not in str(error) or not plan.writer.restartable or not session.ease(part.name):
                raise


def _attempt(plan: Plan, session: Session, part: Slice, number: int, exact: bool) -> None:
    with _open(plan, session, part, exact) as rows:
        session.begin_slice(rows.row_bytes, plan.writer.attached and session.pace is None)
        try:
            _guarded(session, lambda: plan.writer.write(session, _counted(rows, session), number))
        except Failure:
            _log_bad_rows(plan, session, part, exact)
            raise
    _log_bad_rows(plan, session, part, exact)
    session.end_slice()


def _counted(rows: Rows, session: Session) -> Counted:
    limit = session.setting.error_records
    return counted(rows, None if limit is None else max(limit - session.finished.failed, 0))


@contextmanager
def _open(plan: Plan, session: Session, part: Slice, exact: bool) -> Iterator[Rows]:
    with part.open(session, exact) as rows:
        for transformer in plan.transformers:
            rows = transformer.apply(rows)
        yield rows


def _guarded(session: Session, write: Callable[[], None]) -> None:
    """DuckDB's error() stops a query from inside: turn its words into what they mean."""
    try:
        write()
    except Exception as error:
        words = str(error)
        if ODD_WORD in words or NO_DATE in words:
            raise Odd from error
        if LIMIT_WORD in words:
            session.check_limits()
        raise


def _log_bad_rows(plan: Plan, session: Session, part: Slice, exact: bool) -> None:
    """Read the slice once more for its first bad rows. Only a job that has some pays for it."""
    if session.slice_counts().failed == session.finished.failed:
        return
    with _open(plan, session, part, exact) as rows:
        found = session.db.execute(samples(rows, SAMPLES)).fetchall()
        session.log_dirty([_explained(rows, row) for row in found])


def _explained(rows: Rows, row: tuple[Any, ...]) -> Dirty:
    fate, why, raw, *values = row
    if fate == Fate.BAD_READ and rows.explain is not None:
        return rows.explain(raw)
    record = [
        {"byteSize": len(str(value)), "index": number, "rawData": str(value), "type": column.kind.value}
        for number, (value, column) in enumerate(zip(values, rows.columns, strict=True))
        if value is not None
    ]
    return Dirty(record, str(why))
