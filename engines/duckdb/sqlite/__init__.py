"""SQLite files: DuckDB's scanner moves the values, Python's own driver keeps the transaction."""
