"""The soak, for as long as a run of all tests can bear; `make soak` goes on for ten minutes."""

import os
from pathlib import Path

from tests.databases import Database
from tests.faults.soak import soak

SECONDS = float(os.environ.get("SOAK_SECONDS", "120"))


def test_random_kills_lose_nothing_run_nothing_twice_and_leave_nothing(pg: Database, tmp_path: Path) -> None:
    run, faults = soak(tmp_path, pg, SECONDS, seed=11)
    assert faults == []
    assert len(run.accepted) > 50 and len(run.kills) >= SECONDS // 10
