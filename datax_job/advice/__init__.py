"""What is legal but known to hurt: one file per topic, each function one rule, as in `rules`.

Its docstring is the reason, and what it yields says what to write instead.
"""

from collections.abc import Callable, Iterator

from datax_job.advice import (
    channels,
    columns,
    emptying,
    error_limit,
    fetch_size,
    mysql_url,
    postgresql_url,
    split,
    text_quoting,
)
from datax_job.finding import Finding
from datax_job.view import Job

Rule = Callable[[Job], Iterator[Finding]]

ALL: tuple[Rule, ...] = (
    channels.more_than_can_be_used,
    channels.set_aside_by_a_limit,
    channels.one_made_by_a_limit,
    split.by_a_text_column,
    split.by_several_columns,
    split.without_channels,
    error_limit.missing,
    columns.star,
    emptying.before_the_first_row,
    text_quoting.delimiter_in_the_data,
    postgresql_url.slow_batches,
    mysql_url.tls_with_old_driver,
    mysql_url.names_of_the_newer_driver,
    fetch_size.ignored,
)
