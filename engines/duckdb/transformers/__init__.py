"""Transformers by the names that jobs call them. A new one is a file here and a line below."""

from collections.abc import Mapping

from engines.duckdb.plugins import Plugin, Transformer

TRANSFORMERS: Mapping[str, Plugin[Transformer]] = {}
