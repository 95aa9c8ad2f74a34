"""The parts of a team that need no team: ports, secrets, configuration, supervision, and what is said of mistakes."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.config import load_config
from team.places import Ports, Team, environment, keep_secrets, ports_of
from team.prepare import check, make_files
from team.programs import Program, programs
from team.supervise import Broken, Supervisor, configuration, supervised
from tests.team.crew import lives, wait_for
from tests.world import ROOT

SLEEPER = "import subprocess, sys, time; subprocess.Popen(['sleep', '300'], start_new_session=False); time.sleep(300)"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    tmp_path.chmod(0o755)
    ports = ports_of(dict.fromkeys(("airflow", "mail", "search", "nodes", "postgres", "smtp", "feeds"), 0))
    return Team(tmp_path, ports, keep_secrets(tmp_path), tmp_path / "config")


def test_secrets_are_made_once_and_are_the_owners(tmp_path: Path) -> None:
    made = keep_secrets(tmp_path)
    assert keep_secrets(tmp_path) == made
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_free_ports_differ_and_the_others_are_the_usual() -> None:
    ports = ports_of({"airflow": 0, "mail": 0, "smtp": 2525})
    assert len({ports.airflow, ports.mail, 0}) == 3
    assert (ports.smtp, ports.search) == (2525, Ports().search)


def test_an_unknown_port_is_named() -> None:
    with pytest.raises(ValueError, match=r"no port named airflov; there are airflow, mail"):
        ports_of({"airflov": 1})


def test_nobody_elses_database_is_used(team: Team) -> None:
    """Whatever the shell's own Airflow and Newswatch are set to."""
    given = {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://elsewhere/airflow",
        "NEWSWATCH_LEDGER": "postgresql://elsewhere/newswatch",
        "NEWSWATCH_SMTP_HOST": "smtp.newsroom.example",
        "AIRFLOW__CORE__PARALLELISM": "9",
    }
    made = environment(team, given)
    assert not [name for name, value in made.items() if "elsewhere" in value]
    assert made["NEWSWATCH_SMTP_HOST"] == "smtp.newsroom.example"  # mail may be sent for real
    assert made["AIRFLOW__CORE__PARALLELISM"] == "9"


def test_a_port_that_is_taken_is_named(team: Team) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", team.ports.search))
        other.listen()
        with pytest.raises(Broken, match=rf"port {team.ports.search} \(search\) is taken"):
            check(team, demo=True)
    check(team, demo=True)


def test_the_command_says_so_too(team: Team) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = f"--port=airflow={other.getsockname()[1]}"
        command = [sys.executable, "-m", "team", "--folder", str(team.folder), port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "(airflow) is taken: is another team running?" in done.stdout


def test_demonstration_feeds_stand_beside_the_outlets(team: Team) -> None:
    (team.folder / "postgres").mkdir()
    (team.folder / "postgres" / "PG_VERSION").write_text("15")
    make_files(team, demo=True)
    plain, made = load_config(ROOT / "config"), load_config(team.config)
    more = made.sources[len(plain.sources) :]
    assert made.sources[: len(plain.sources)] == plain.sources
    assert len(more) == 6
    assert all(source.demo and source.url.startswith(f"http://127.0.0.1:{team.ports.feeds}/") for source in more)
    assert (made.topics, made.rules) == (plain.topics, plain.rules)


def test_all_ports_are_open_to_this_machine_only(team: Team) -> None:
    """That they listen nowhere else is seen in the end-to-end test."""
    told = {program.name: " ".join(program.command) for program in programs(team, demo=True)}
    assert "listen_addresses=127.0.0.1" in told["postgres"]
    assert "--host 127.0.0.1" in told["api-server"]
    assert "--skip-serve-logs" in told["scheduler"]
    assert "--skip-serve-logs" in told["triggerer"]


def test_a_percent_sign_reaches_the_program(tmp_path: Path) -> None:
    program = Program("odd", ("echo", "100%", "%(x)s"), "")
    section = configuration([program], tmp_path, tmp_path / "socket")["program:odd"]
    assert section["command"] == "echo 100%% '%%(x)s'"


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    (tmp_path / "logs").mkdir()
    whole = (sys.executable, "-m", "team.whole", "5", sys.executable, "-c", SLEEPER)
    wanted = (Program("postgres", whole, ""), Program("wrong", ("false",), ""))
    with supervised(tmp_path, wanted, os.environ) as made:
        made.start(wanted[0])
        yield made


def family(supervisor: Supervisor) -> list[psutil.Process]:
    """team.whole, its command and the child of that, once all are there; the first is the eldest."""
    try:
        whole = psutil.Process(supervisor.pid("postgres"))
        found = [whole, *whole.children(recursive=True)]
    except (psutil.NoSuchProcess, ValueError):
        return []
    return found if len(found) == 3 and found[2].name() == "sleep" else []


def test_a_killed_command_leaves_nothing_and_is_started_again(supervisor: Supervisor) -> None:
    whole, command, child = wait_for(lambda: family(supervisor), lambda: supervisor.said("postgres"))
    time.sleep(3.5)  # until the supervisor takes it for started
    command.kill()
    again = wait_for(
        lambda: [each for each in family(supervisor) if each.pid != whole.pid], lambda: "not started again"
    )
    assert again
    assert not lives(child)


ORPHANED = """
import os, sys
from pathlib import Path
from team.programs import Program
from team.supervise import supervised
folder = Path(sys.argv[1])
wanted = [Program("postgres", ("sleep", "300"), "")]
with supervised(folder, wanted, os.environ) as made:
    made.start(wanted[0])
    while not made.pid("postgres"):
        pass
    print(made.process.pid, made.pid("postgres"), flush=True)
    made.process.wait()
"""


def test_nothing_lives_on_when_the_team_itself_is_killed(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    command = [sys.executable, "-c", ORPHANED, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = [psutil.Process(int(pid)) for pid in process.stdout.readline().split()]
        assert len(left) == 2
        process.kill()
    wait_for(lambda: not any(map(lives, left)), lambda: str(left), patience=60, every=0.1)


def test_stopping_leaves_nothing(supervisor: Supervisor) -> None:
    found = wait_for(lambda: family(supervisor), lambda: supervisor.said("postgres"))
    supervisor.process.terminate()
    supervisor.process.wait(60)
    assert [each for each in found if lives(each)] == []
