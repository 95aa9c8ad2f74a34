"""The programs of a team, in the order in which they start, and how each is known to be ready.

Only says what to run; `supervise` runs it. PostgreSQL refuses to be root, so then it is another user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from team.places import HOST, ROOT, Ports, Team

BIN = Path(sys.executable).parent
PATIENCE = 30  # seconds that Airflow has for the tasks in hand when it is told to stop
SEARCH = ROOT / "tests" / "servers" / "elasticsearch" / "run.sh"


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    command: tuple[str, ...]
    ready: str  # a page that answers 200, or "" for a port that listens
    port: int = 0
    user: str | None = None
    stop: str = "TERM"


def programs(team: Team, *, demo: bool) -> tuple[Program, ...]:
    """They are stopped the other way round: what hands out work first, what keeps the data last."""
    ports = team.ports
    first = (_postgres(team), _search(team), _catcher(team), *((_feeds(ports),) if demo else ()))
    health = f"{team.url(ports.airflow)}/api/v2/monitor/health"
    return (
        *first,
        _airflow("api-server", "--host", HOST, "--port", str(ports.airflow), ready=health),
        _airflow("dag-processor"),
        _airflow("triggerer", "--skip-serve-logs"),
        _airflow("scheduler", "--skip-serve-logs"),
    )


def _postgres(team: Team) -> Program:
    options = (f"listen_addresses={HOST}", "unix_socket_directories=", "max_connections=100")
    given = [part for option in options for part in ("-c", option)]
    command = (postgres_binary("postgres"), "-D", str(team.folder / "postgres"), "-p", str(team.ports.postgres), *given)
    # SIGINT is "fast": connections are cut, what was committed is kept.
    return Program("postgres", command, "", team.ports.postgres, postgres_user(), stop="INT")


def _search(team: Team) -> Program:
    command = (str(SEARCH), str(team.folder / "search"), str(team.ports.search), str(team.ports.nodes))
    ready = f"{team.url(team.ports.search)}/_cluster/health?wait_for_status=yellow&timeout=1s"
    return Program("search", command, ready)


def _catcher(team: Team) -> Program:
    ports = ("--smtp", str(team.ports.smtp), "--page", str(team.ports.mail))
    command = (sys.executable, "-m", "team.catcher", str(team.folder / "mails"), *ports)
    return Program("mail", command, team.url(team.ports.mail))


def _feeds(ports: Ports) -> Program:
    folder = str(ROOT / "seeds" / "feeds")
    command = (sys.executable, "-m", "http.server", "--bind", HOST, "--directory", folder, str(ports.feeds))
    return Program("feeds", command, f"http://{HOST}:{ports.feeds}/")


def _airflow(name: str, *options: str, ready: str = "") -> Program:
    whole = (sys.executable, "-m", "team.whole", str(PATIENCE))
    return Program(name, (*whole, str(BIN / "airflow"), name, *options), ready)


def postgres_binary(name: str) -> str:
    """Debian keeps them out of the PATH, a folder for each version. Raises LookupError."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name), reverse=True)
    path = os.pathsep.join([*map(str, places), os.environ.get("PATH", "")])
    found = shutil.which(name, path=path)
    if found is None:
        raise LookupError(f"{name} of PostgreSQL is not installed; tests/servers/prepare.sh installs it")
    return found


def postgres_user() -> str | None:
    """As whom PostgreSQL runs, if not as oneself. Raises LookupError."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise LookupError("PostgreSQL does not run as root, and there is no user postgres; start the team as another user")
