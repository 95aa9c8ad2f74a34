"""newswatch security: roles and users of an Elasticsearch that asks for a password."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer

from pipeline.cli.common import output, settings

security = typer.Typer(help="Roles and users in Elasticsearch.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(security, name="security")


@security.command("setup")
def security_setup(
    writer: Annotated[
        str, typer.Option("--writer-password", envvar="WRITER_PASSWORD", help="New password of Newswatch's own user.")
    ],
    reader: Annotated[
        str, typer.Option("--reader-password", envvar="READER_PASSWORD", help="New password of its readers' user.")
    ],
    kibana: Annotated[
        str, typer.Option("--kibana-password", envvar="KIBANA_PASSWORD", help="New password of kibana_system.")
    ],
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for a server that is still starting.")] = 120.0,
) -> None:
    """Put the role and user of Newswatch, its readers' user and Kibana's password, as a user who may."""
    from pipeline.index.elasticsearch import connect
    from pipeline.index.security import Passwords, requests, secure

    found = settings()
    asked = requests(Passwords(writer, reader, kibana), prefix=found.elasticsearch_prefix)
    with contextlib.closing(connect(found)) as client:
        for request in secure(client, asked, patience=wait):
            output().print(request.name, markup=False)
