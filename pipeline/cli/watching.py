"""newswatch metrics, newswatch serve: the numbers an operator watches, printed once or served."""

from __future__ import annotations

import contextlib
import sys

import typer

from pipeline.cli.common import errors, settings


def add_to(app: typer.Typer) -> None:
    app.command()(metrics)
    app.command()(serve)


def metrics() -> None:
    """Print the metrics in Prometheus' text format."""
    from pipeline.observe.prometheus import exposition
    from pipeline.observe.readings import Readings

    with contextlib.closing(Readings(settings())) as readings:
        sys.stdout.write(exposition(readings.read()).decode())


def serve(
    host: str = typer.Option("127.0.0.1", "--host", help="The address to listen on; there is no log-in."),
    port: int = typer.Option(9464, "--port", min=0, max=65535, help="The port; 0 takes any free one."),
) -> None:
    """Serve /metrics and /health over HTTP, until stopped by SIGTERM or Ctrl-C."""
    import asyncio

    from pipeline.observe.otlp import exporting
    from pipeline.observe.readings import Readings
    from pipeline.observe.vitals import searcher
    from pipeline.web import server

    found = settings()
    with contextlib.closing(Readings(found)) as readings, exporting(readings.read):
        endpoint = server.Endpoint(readings.read, searcher(found))
        try:
            asyncio.run(server.serve(endpoint, host=host, port=port, ready=_say))
        except OSError as error:
            raise typer.BadParameter(f"{host}:{port}: {error.strerror or error}") from error
    errors().print("stopped")


def _say(address: str) -> None:
    errors().print(f"serving {address}/metrics and {address}/health; stop with Ctrl-C or SIGTERM", soft_wrap=True)
