"""Starting, following and ending a process; with real processes."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from threading import Thread

import pytest

from engines import process
from engines.base import EngineError, Launch
from tests.processes import alive, gone

ROOT = Path(__file__).resolve().parents[2]


class Run:
    """A child that runs Python code, followed to its end; `stop_after` seconds it is told to stop."""

    def __init__(
        self, code: str, *, stop_after: float | None = None, grace: float = 0.3, env: dict[str, str] | None = None
    ) -> None:
        self.sizes = {"stdout": 0, "stderr": 0}
        self.text = {"stdout": b"", "stderr": b""}
        self.ticks = 0
        self.began = time.monotonic()
        self.stop_after, self.grace = stop_after, grace
        launch = Launch((sys.executable, "-S", "-c", textwrap.dedent(code)), Path("/"), env or {})
        self.child = process.start(launch)
        self.code = self.child.supervise(self.output, self.tick, every=0.05)
        self.seconds = time.monotonic() - self.began

    def output(self, stream: str, chunk: bytes) -> None:
        self.sizes[stream] += len(chunk)
        self.text[stream] = (self.text[stream] + chunk)[-1000:]

    def tick(self) -> None:
        self.ticks += 1
        if self.stop_after is not None and time.monotonic() - self.began > self.stop_after:
            self.child.stop(self.grace)


def test_both_streams_and_the_exit_code_come_back() -> None:
    run = Run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (run.code, run.text) == (3, {"stdout": b"out\n", "stderr": b"err\n"})


def test_a_death_by_signal_is_a_negative_code() -> None:
    assert Run("import os; os.kill(os.getpid(), 9)").code == -signal.SIGKILL


def test_the_environment_is_the_launchs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for children")
    run = Run("import os; print(sorted(os.environ))", env={"ONLY": "this"})
    assert b"ONLY" in run.text["stdout"] and b"SECRET_KEY" not in run.text["stdout"]


def test_a_flood_on_both_streams_is_read_whole() -> None:
    run = Run("import os\nfor _ in range(1000): os.write(1, b'x' * 100_000); os.write(2, b'y' * 10_000)")
    assert run.sizes == {"stdout": 100_000_000, "stderr": 10_000_000}


def test_a_stopped_process_ends_by_sigterm() -> None:
    run = Run("import time; time.sleep(60)", stop_after=0.1)
    assert run.code == -signal.SIGTERM and run.seconds < 5


def test_one_that_ignores_sigterm_is_killed_after_the_grace_time() -> None:
    run = Run("import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)", stop_after=0.2, grace=0.4)
    assert run.code == -signal.SIGKILL and 0.5 < run.seconds < 5


def test_a_grandchild_that_holds_the_pipes_keeps_nobody_waiting_and_dies() -> None:
    run = Run("import os, time\npid = os.fork()\nif pid == 0:\n    time.sleep(60)\nprint(pid, flush=True); os._exit(0)")
    assert run.code == 0 and run.seconds < 5
    assert gone(int(run.text["stdout"]))


def test_a_grandchild_that_floods_the_pipe_for_ever_keeps_nobody_waiting() -> None:
    run = Run("import os\nif os.fork() == 0:\n    while True: os.write(1, b'x' * 1000)\nos._exit(0)")
    assert run.code == 0 and run.seconds < 5


def test_one_that_closes_its_pipes_and_runs_on_is_still_watched() -> None:
    run = Run("import os, time; os.close(1); os.close(2); time.sleep(0.4)")
    assert run.code == 0 and run.seconds >= 0.4 and run.ticks >= 3


def test_a_grandchild_that_left_the_session_but_holds_the_pipes_dies_too() -> None:
    run = Run(
        "import os, time\npid = os.fork()\nif pid == 0:\n    os.setsid(); time.sleep(60)\nprint(pid, flush=True); os._exit(0)"
    )
    assert run.code == 0 and gone(int(run.text["stdout"]))


# A daemon as it is made everywhere: a session of its own, no parent that lives, and nothing of what it was given open.
DAEMON = """
    import os, time
    told, tell = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            null = os.open("/dev/null", os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            os.write(tell, str(os.getpid()).encode())
            os.close(tell)
            time.sleep(60)
        os._exit(0)
    os.wait()
    print(os.read(told, 20).decode(), flush=True)
"""


def test_a_daemon_that_left_session_and_pipes_dies_too() -> None:
    run = Run(DAEMON)
    assert run.code == 0 and gone(int(run.text["stdout"]), seconds=0.1)
    assert run.child.report is not None and {each.pid for each in run.child.report.ended} == {int(run.text["stdout"])}


def test_a_daemon_dies_with_the_worker() -> None:
    worker = f"""
        from pathlib import Path
        from engines import process
        from engines.base import Launch
        import sys, textwrap
        code = textwrap.dedent({DAEMON!r}) + "\\ntime.sleep(60)"
        child = process.start(Launch((sys.executable, "-S", "-c", code), Path("/"), {{}}))
        child.supervise(lambda stream, chunk: print(chunk.decode(), end="", flush=True), lambda: None, every=1)
    """
    command = [sys.executable, "-c", textwrap.dedent(worker)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        daemon = int(parent.stdout.readline())
        assert alive(daemon)
        parent.kill()
    assert gone(daemon)


def test_a_stop_leaves_proof_of_each_process_that_ended() -> None:
    code = """
        import os, time
        pid = os.fork()
        print(os.getpid(), flush=True)
        time.sleep(60)
    """
    run = Run(code, stop_after=0.3)
    report = run.child.report
    assert report is not None and report.asked_at is not None and report.left == ()
    assert {ended.pid for ended in report.ended} == {int(pid) for pid in run.text["stdout"].split()}
    assert all(ended.at >= report.asked_at for ended in report.ended)


def test_an_engine_that_ends_by_itself_has_no_report_but_its_usage() -> None:
    run = Run(
        "import time\nx = bytearray(90_000_000)\nuntil = time.process_time() + 0.2\nwhile time.process_time() < until: pass"
    )
    assert run.child.report is None
    assert run.child.usage is not None and run.child.usage.cpu_seconds >= 0.2
    assert run.child.usage.peak_bytes is not None and run.child.usage.peak_bytes > 90_000_000


def test_an_engine_outlives_the_thread_that_started_it() -> None:
    launch = Launch((sys.executable, "-S", "-c", "import time; time.sleep(0.3); print('done')"), Path("/"), {})
    started: list[process.EngineProcess] = []
    thread = Thread(target=lambda: started.append(process.start(launch)))
    thread.start()
    thread.join()
    said: list[bytes] = []
    assert started[0].supervise(lambda _, chunk: said.append(chunk), lambda: None, every=1) == 0
    assert b"".join(said) == b"done\n"


def test_leaving_the_context_without_following_it_kills_it() -> None:
    with process.start(Launch((sys.executable, "-S", "-c", "import time; time.sleep(60)"), Path("/"), {})) as child:
        assert alive(child.pid)
    assert gone(child.pid)


def test_a_program_that_is_not_there_is_a_clear_error() -> None:
    with pytest.raises(EngineError, match="/no/such/java could not be started: No such file"):
        process.start(Launch(("/no/such/java",), Path("/"), {}))


def test_nothing_is_left_open_after_many_runs() -> None:
    Run("pass")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        Run("pass")
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_engines_and_their_children_die_with_the_worker(number: signal.Signals) -> None:
    worker = """
        import sys
        from pathlib import Path
        from engines import process
        from engines.base import Launch
        code = "import os, time; pid = os.fork(); print(os.getpid(), flush=True); time.sleep(60)"
        child = process.start(Launch((sys.executable, "-S", "-c", code), Path("/"), {}))
        child.supervise(lambda stream, chunk: print(chunk.decode(), end="", flush=True), lambda: None, every=1)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(worker)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pids = [int(parent.stdout.readline()), int(parent.stdout.readline())]
        assert all(alive(pid) for pid in pids)
        parent.send_signal(number)
        parent.wait()
    assert [gone(pid) for pid in pids] == [True, True]


def test_a_watchdog_that_was_killed_is_replaced_and_knows_what_runs() -> None:
    worker = """
        import os, sys
        from pathlib import Path
        from threading import Thread
        from engines import process
        from engines.base import Launch
        def run(code):
            child = process.start(Launch((sys.executable, "-S", "-c", code), Path("/"), {}))
            Thread(target=child.supervise, args=(lambda *_: None, lambda: None), kwargs={"every": 1}).start()
            return child.pid
        first = run("import time; time.sleep(60)")
        process._watchdog._process.kill()
        process._watchdog._process.wait()
        run("import time; time.sleep(60)")
        print(first, flush=True)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(worker)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        first = int(parent.stdout.readline())
        assert alive(first)
        parent.kill()
    assert gone(first)
