"""Transformers by the names that jobs call them. A new one is a file here and a line below."""

from collections.abc import Mapping

from engines.duckdb.plugins import Plugin, Transformer
from engines.duckdb.transformers import dx_digest, dx_filter, dx_pad, dx_replace, dx_substr

_PLUGINS: tuple[Plugin[Transformer], ...] = (
    dx_digest.PLUGIN,
    dx_filter.PLUGIN,
    dx_pad.PLUGIN,
    dx_replace.PLUGIN,
    dx_substr.PLUGIN,
)
TRANSFORMERS: Mapping[str, Plugin[Transformer]] = {plugin.name: plugin for plugin in _PLUGINS}
