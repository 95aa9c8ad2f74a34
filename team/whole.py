"""`python -m team.whole SECONDS COMMAND...`: runs a command, and leaves nothing of it behind when it ends.

Airflow's scheduler has workers, and they have tasks in process groups of their own: if it dies at once, they would
live on beside those of its successor. SIGTERM is passed on; what is still there after SECONDS is killed. Does not
start anything again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from types import FrameType

import psutil


def main(patience: float, command: list[str]) -> int:
    # The session is what all descendants share; should this process be killed itself, the command is told to stop.
    child = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], start_new_session=True)

    def stop(_number: int, _frame: FrameType | None) -> None:
        child.terminate()
        signal.setitimer(signal.ITIMER_REAL, patience)

    def kill(_number: int, _frame: FrameType | None) -> None:
        child.kill()

    signal.signal(signal.SIGALRM, kill)
    signal.signal(signal.SIGTERM, stop)
    try:
        code = child.wait()
    finally:
        sweep(child.pid)
    return code if code >= 0 else 128 - code


def sweep(session: int) -> None:
    """Kills what is left of a session, and what that starts meanwhile."""
    while left := [each for each in psutil.process_iter() if _session(each) == session]:
        for each in left:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(left, timeout=1)


def _session(process: psutil.Process) -> int:
    with suppress(ProcessLookupError, PermissionError, psutil.NoSuchProcess):
        if process.status() != psutil.STATUS_ZOMBIE:
            return os.getsid(process.pid)
    return -1


if __name__ == "__main__":
    raise SystemExit(main(float(sys.argv[1]), sys.argv[2:]))
