"""newswatch kibana: the data views, saved searches and dashboards that analysts open."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer

from pipeline.cli.common import errors, output, settings

kibana = typer.Typer(help="Data views, saved searches and dashboards in Kibana.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(kibana, name="kibana")


@kibana.command("setup")
def kibana_setup(
    space: Annotated[str | None, typer.Option(help="Kibana's space; by default the default one.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for a Kibana that is still starting.")] = 120.0,
    readers: Annotated[
        bool, typer.Option("--readers", help="Also the role newswatch-reader, for those who only look.")
    ] = False,
) -> None:
    """Install them, or replace them with this version's."""
    from pipeline.index.kibana import install, open_kibana, wait_until_ready
    from pipeline.index.kibana_files import contents
    from pipeline.index.security import admit_readers

    found = settings()
    with contextlib.closing(open_kibana(found, space=space)) as opened:
        version = wait_until_ready(opened, patience=wait)
        role = admit_readers(opened, prefix=found.elasticsearch_prefix) if readers else None
        installed = install(opened, contents(prefix=found.elasticsearch_prefix))
    errors().print(f"Kibana {version}".rstrip())
    if role:
        output().print(f'role "{role}"')
    output().print(f"{installed.objects} data views and saved searches")
    for dashboard in installed.dashboards:
        output().print(f'dashboard "{dashboard.title}": {found.kibana_url}{_path(space, dashboard.id)}', soft_wrap=True)


@kibana.command("export")
def kibana_export() -> None:
    """Print the same for OpenSearch Dashboards, as a file to import there."""
    from pipeline.index.kibana_files import contents, ndjson
    from pipeline.index.opensearch_dashboards import saved_objects

    made = saved_objects(contents(prefix=settings().elasticsearch_prefix))
    typer.echo(ndjson(made), nl=False)


def _path(space: str | None, dashboard: str) -> str:
    return (f"/s/{space}" if space else "") + f"/app/dashboards#/view/{dashboard}"
