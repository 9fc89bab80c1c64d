"""What several tests of the embedded engine ask for."""

import pytest

from tests.databases import Database


@pytest.fixture(params=["pg", "my"])
def db(request: pytest.FixtureRequest) -> Database:
    """Each database in turn, with a target of a key and a text."""
    database: Database = request.getfixturevalue(request.param)
    database.execute("CREATE TABLE dst (id int PRIMARY KEY, v varchar(20) NOT NULL)")
    return database
