"""The embedded engine: a DataX job compiled to SQL that DuckDB streams from reader to writer.

`plan` is pure and imports nothing heavy; `python -m engines.duckdb` runs a job.
"""

from engines.duckdb.engine import DuckDBEngine
from engines.duckdb.plan import Plan, plan

__all__ = ["DuckDBEngine", "Plan", "plan"]
