"""What makes a job fail, or do something else than it says: one file per topic, each function one rule.

A rule looks at the job and yields what it finds. Its docstring is the reason for it.
"""

from collections.abc import Callable, Iterator

from datax_job.finding import Finding
from datax_job.rules import (
    columns,
    counts,
    error_limit,
    names,
    parameters,
    query,
    shape,
    speed,
    transformers,
    urls,
    write_mode,
)
from datax_job.view import Job

Rule = Callable[[Job], Iterator[Finding]]

ALL: tuple[Rule, ...] = (
    shape.top_level,
    shape.contents,
    shape.one_content,
    names.known_plugins,
    parameters.required,
    parameters.known,
    parameters.usable,
    speed.given,
    speed.limit_of_a_channel,
    error_limit.usable,
    error_limit.one_of_two,
    query.table_or_query,
    query.nothing_beside_a_query,
    query.inside_the_connection,
    urls.of_its_own_database,
    urls.escaped_for_html,
    write_mode.not_where_there_is_one_way,
    counts.at_least_one,
    columns.text_columns,
    columns.stream_columns,
    columns.as_many_as_are_read,
    transformers.arguments,
)

# Addax has plugins of the same names whose connection may be an object and whose jdbcUrl a text, and parameters of its own.
# These rules know DataX's shapes alone.
_OF_DATAX_ALONE = {
    shape.top_level,
    shape.contents,
    parameters.known,
    parameters.usable,
    query.table_or_query,
    query.inside_the_connection,
    write_mode.not_where_there_is_one_way,
}
FOR_ADDAX: tuple[Rule, ...] = tuple(rule for rule in ALL if rule not in _OF_DATAX_ALONE)
