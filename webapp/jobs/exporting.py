"""Jobs as files: each document as DataX runs it, and a list of what the documents do not say. Secrets are masked."""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from webapp.jobs import manifest, naming, queries
from webapp.jobs.models import SavedJob, SavedJobVersion
from webapp.sealing import documents as sealing

JOBS_AT_ONCE = 100


def document(version: SavedJobVersion) -> str:
    return sealing.shown(version.content)


def files(pages: Iterable[Sequence[SavedJob]]) -> Iterator[tuple[str, bytes, datetime | None]]:
    """Name, content and time of each file; the list comes last."""
    taken: set[str] = set()
    entries: list[dict[str, Any]] = []
    for jobs in pages:
        newest = queries.newest(jobs)
        for job in jobs:
            file = naming.file_of(job.name, taken)
            entries.append(manifest.entry(newest[job.id], file))
            yield file, document(newest[job.id]).encode(), job.changed_at
    yield naming.MANIFEST, manifest.written(entries).encode(), None


def archive(pages: Iterable[Sequence[SavedJob]]) -> Iterator[bytes]:
    """A ZIP archive, written as it is read, in little memory."""
    out = _Out()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content, changed in files(pages):
            entry = zipfile.ZipInfo(name, (changed or datetime(1980, 1, 1)).timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content)
            yield out.taken()
    yield out.taken()


class _Out:
    """A file that can only be written on, and from which is taken what was written."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)

    def close(self) -> None:
        return
