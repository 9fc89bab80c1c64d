"""Transformers by the names that jobs call them. A new one is a file here and a line below."""

from collections.abc import Mapping

from engines.duckdb.plugins import Plugin, Registry, Transformer

NAMES = ("dx_digest", "dx_filter", "dx_pad", "dx_replace", "dx_substr")
TRANSFORMERS: Mapping[str, Plugin[Transformer]] = Registry(__name__, {name: name for name in NAMES})
