"""The query language: one grammar, one list of fields, one tree for every engine."""

from pipeline.query.fields import DEFAULT, Field, Kind, fields, schema
from pipeline.query.moments import age
from pipeline.query.syntax import parse_query
from pipeline.query.tree import Node, Query

__all__ = ["DEFAULT", "Field", "Kind", "Node", "Query", "age", "fields", "parse_query", "schema"]
