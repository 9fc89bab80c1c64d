"""One text file as rows."""

import os
import select
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from engines.duckdb.pipe import CHUNK, open_pipe, path_of
from engines.duckdb.rows import ODD_WORD, Rows
from engines.duckdb.session import Session
from engines.duckdb.text import odd, wire
from engines.duckdb.text.cells import ALWAYS, BadCell, Cell, cast, explain, fast, looked_at, values
from engines.duckdb.text.feed import Feed
from engines.duckdb.text.records import Rules
from engines.duckdb.text.unpacked import utf8_chunks
from engines.duckdb.types import Column, Kind, literal


@dataclass(frozen=True)
class TextFormat:
    """How the files are to be read. `columns` is None where every cell of a line is a string column."""

    columns: tuple[Cell, ...] | None
    rules: Rules
    codec: str = "utf-8"
    compress: str | None = None
    skip_header: bool = False
    null: str | None = None


@dataclass(frozen=True)
class TextSlice:
    """A file."""

    name: str
    form: TextFormat

    @contextmanager
    def open(self, session: Session, exact: bool) -> Iterator[Rows]:
        if self.form.columns is None:
            with self._all_cells(session, exact) as rows:
                yield rows
            return
        listed = exact and self._listed(session)
        by_hand = exact and not listed
        with self._fed(session, self._judge if by_hand else None) as (lines, feed):
            select = _exact(lines, self.form) if by_hand else _fast(lines, self.form, listed)
            yield Rows(
                select=select,
                columns=tuple(cell.column(exact, self._nullable(cell)) for cell in self.form.columns),
                judged=True,
                explain=partial(explain, self.form.columns, null=self.form.null),
                row_bytes=partial(_row_bytes, feed, len(self.form.columns)),
            )

    def _listed(self, session: Session) -> bool:
        """Whether the cells that the fast way cannot judge are few enough to be listed."""
        with self._fed(session, None) as (lines, _):
            columns = self.form.columns or ()
            return odd.texts(session.db, self.name, columns, _texts(lines, self.form), _longest(columns))

    def _nullable(self, cell: Cell) -> bool:
        return self.form.null is not None or cell.kind is None

    def _judge(self, cells: list[str]) -> str:
        """A record as a line of its values, or of its cells as they are where one of them is bad."""
        try:
            return wire.prepared(values(self.form.columns or (), cells, self.form.null))
        except BadCell:
            return wire.prepared(cells, wire.BAD)

    @contextmanager
    def _all_cells(self, session: Session, ragged: bool) -> Iterator[Rows]:
        """Every cell a string. The first line says how many; where a line differs, the slice is read as ragged."""
        width = self._width(session, "max(len(l))" if ragged else "len(l)")
        with self._fed(session, None) as (lines, feed):
            split = _split(lines, self.form.rules)
            cells = ", ".join(f"{_or_null(f'l[{number + 1}]', self.form)} AS c{number}" for number in range(width))
            same = f"CASE WHEN len(l) = {width} THEN 0 ELSE error({literal(ODD_WORD)}) END"
            extra = "len(l) AS width" if ragged else f"{same} AS fate, NULL AS why, l AS raw"
            yield Rows(
                select=f"SELECT {', '.join([*([cells] if cells else []), extra])} FROM ({split}) AS split",
                columns=(Column(Kind.STRING, nullable=ragged or self.form.null is not None),) * width,
                judged=not ragged,
                ragged=ragged,
                row_bytes=partial(_row_bytes, feed, width),
            )

    def _width(self, session: Session, measure: str) -> int:
        limit = "" if "max" in measure else "LIMIT 1"
        with self._fed(session, None) as (lines, _):
            found = session.db.execute(f"SELECT {measure} FROM ({_split(lines, self.form.rules)}) {limit}").fetchall()
        return found[0][0] or 0 if found else 0

    @contextmanager
    def _fed(self, session: Session, judge: "wire.Judge | None") -> Iterator[tuple[str, Feed]]:
        """SQL for the lines of the file, while a thread feeds them in."""
        form = self.form
        chunks = partial(utf8_chunks, self.name, form.compress, form.codec)
        feed = Feed(chunks, form.rules, form.skip_header, judge, session.widest)
        with _feeding(feed) as path:
            yield wire.lines_of(path, session.widest), feed


@contextmanager
def _feeding(feed: Feed) -> Iterator[str]:
    """The path of a pipe that `feed` writes into. An error of the feed is raised here, in place of what it led to."""
    reading, writing = open_pipe()
    failed: list[BaseException] = []
    thread = threading.Thread(target=_feed, args=(feed, writing, failed), daemon=True)
    thread.start()
    try:
        yield path_of(reading)
    except Exception:
        _end(feed, reading, thread)
        if failed:
            raise failed[0] from None
        raise
    _end(feed, reading, thread)
    if failed:
        raise failed[0]


def _feed(feed: Feed, writing: int, failed: list[BaseException]) -> None:
    try:
        feed.run(writing)
    except BaseException as error:
        failed.append(error)
    finally:
        os.close(writing)


def _end(feed: Feed, reading: int, thread: threading.Thread) -> None:
    """Stop a feed that still writes, as the query ended early. DuckDB may hold its end open, so the pipe is emptied here."""
    feed.stopped = True
    while thread.is_alive():
        if select.select([reading], [], [], 0.01)[0]:
            os.read(reading, CHUNK)
    os.close(reading)


def _split(lines: str, rules: Rules) -> str:
    plain = wire.split_plain("line", rules.delimiter, rules.blanks)
    mark = f"starts_with(line, chr({ord(wire.PREPARED)}))"
    return f"SELECT CASE WHEN {mark} THEN {wire.split_prepared('line')} ELSE {plain} END AS l FROM {lines}"


def _or_null(x: str, form: TextFormat) -> str:
    return x if form.null is None else f"nullif({x}, {literal(form.null)})"


def _text(cell: Cell, form: TextFormat) -> str:
    x = literal(cell.constant or "") if cell.index is None else f"l[{cell.index + 1}]"
    return x if cell.kind is None else _or_null(x, form)


def _longest(columns: Sequence[Cell]) -> int:
    """How many cells a line must have."""
    return max((cell.index + 1 for cell in columns if cell.index is not None), default=0)


def _texts(lines: str, form: TextFormat) -> str:
    """SQL that takes the lines apart: `l`, each column's text, and the first look at it."""
    texts = ", ".join(f"{_text(cell, form)} AS x{number}" for number, cell in enumerate(form.columns or ()))
    return looked_at(form.columns or (), f"SELECT l, {texts} FROM ({_split(lines, form.rules)}) AS split")


def _fast(lines: str, form: TextFormat, listed: bool) -> str:
    """SQL that judges each row; it calls error() where it cannot. `listed`: there is a list of the values of odd texts."""
    judge = odd.known if listed else fast
    chosen = [judge(cell, number) for number, cell in enumerate(form.columns or ())]
    made = ", ".join(f"{each.value} AS c{number}" for number, each in enumerate(chosen))
    unsure = {number: each.verdict for number, each in enumerate(chosen) if each.sure != ALWAYS}
    fate = _fate(_longest(form.columns or ()), unsure, form.null is not None)
    return f"SELECT {made}, {fate} AS fate, NULL AS why, l AS raw FROM ({_texts(lines, form)}) AS texts"


def _fate(longest: int, verdicts: Mapping[int, str], nullable: bool) -> str:
    """The quick yes first, for all columns at once; the closer look only at rows that did not get it."""
    sure = [f"(x{number} IS NULL OR s{number})" if nullable else f"s{number}" for number in verdicts]
    closer = [
        f"CASE WHEN x{number} IS NULL OR s{number} THEN 0 ELSE {verdict} END" for number, verdict in verdicts.items()
    ]
    everything = " AND ".join([f"len(l) >= {longest}", *sure])
    return (
        f"CASE WHEN {everything} THEN 0 WHEN len(l) < {longest} THEN 1 ELSE greatest({', '.join(['0', *closer])}) END"
    )


def _exact(lines: str, form: TextFormat) -> str:
    """SQL for lines that Python has judged: the values only need their types."""
    bad = f"starts_with(line, chr({ord(wire.BAD)}))"
    inner = f"SELECT {wire.split_prepared('line')} AS l, {bad} AS bad FROM {lines}"
    made = ", ".join(
        f"CASE WHEN bad THEN NULL ELSE {cast(cell, f'l[{number + 1}]')} END AS c{number}"
        for number, cell in enumerate(form.columns or ())
    )
    return (
        f"SELECT {made}, CASE WHEN bad THEN 1 ELSE 0 END AS fate, NULL AS why, l AS raw FROM ({inner}) AS judged_lines"
    )


def _row_bytes(feed: Feed, cells: int) -> float:
    """The mean row without its separators."""
    return max(feed.size / feed.lines - cells, 0) if feed.lines else 0.0
