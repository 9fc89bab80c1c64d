"""Delimited text: DataX's rules for it, and the way from a file to rows."""
