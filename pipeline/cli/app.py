"""The `newswatch` command: Typer and Rich around the steps.

Promises results on standard output, progress and errors on standard error, exit status 0 when the command did what
it says, 1 when it could not, 2 when it was asked wrongly (a wrong option, setting, configuration or query). Every
module here is a group of commands; what they print is laid out in `screens`. Heavy parts are imported by the command
that needs them, so that `newswatch --help` is quick.
"""

from __future__ import annotations

import signal
import sys

import typer
from rich.text import Text

from pipeline.cli import ask, export, files, find, index, kibana, ledger, manage, passes, security, topics, watching
from pipeline.cli.common import errors
from pipeline.errors import ConfigError, NewswatchError, QueryError, SettingsError

app = typer.Typer(
    name="newswatch",
    help="Watches the world's news for the stories you follow, and mails you about each text once, saying why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (passes, ask, find, export, manage, topics, index, ledger, files, kibana, security, watching):
    group.add_to(app)

ASKED_WRONGLY = (SettingsError, ConfigError, QueryError)


def main() -> None:
    """The entry point: errors of ours become one line."""
    try:
        app()
    except NewswatchError as error:
        errors().print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
        sys.exit(2 if isinstance(error, ASKED_WRONGLY) else 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(128 + signal.SIGPIPE)  # as the signal itself would have it
