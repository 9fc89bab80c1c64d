"""The folders that runs have to themselves: they hold the effective job with its secrets, so none may be left behind."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery.signals import worker_init

from webapp.config import Settings

# A folder is made and locked in two steps; one as young as that is not looked at.
SETTLED_SECONDS = 10.0


@contextmanager
def private_folder(settings: Settings) -> Iterator[Path]:
    """A folder for one run that only its owner can look into; gone afterwards. It is locked as long as its process lives."""
    parent = settings.var_dir / "run"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="task-", dir=parent))
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def clean_at_start(settings: Settings) -> None:
    """A worker's machine may run no scheduler, so each worker cleans when it starts."""
    worker_init.connect(lambda **_: clean(settings), weak=False)


def clean(settings: Settings) -> int:
    """Remove what killed workers of this machine left. Returns how many folders."""
    young = time.time() - SETTLED_SECONDS
    with contextlib.suppress(FileNotFoundError):
        return sum(_removed(folder, young) for folder in (settings.var_dir / "run").glob("task-*"))
    return 0


def _removed(folder: Path, young: float) -> bool:
    with contextlib.suppress(OSError):
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if os.fstat(lock).st_ctime > young:
                return False
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
            return True
        finally:
            os.close(lock)
    return False
