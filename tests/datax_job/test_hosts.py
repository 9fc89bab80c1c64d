"""The database servers that a document names."""

import pytest

from datax_job import hosts


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("jdbc:mysql://db1/orders", ["db1:3306"]),
        ("jdbc:mysql://DB1:3307/orders?useSSL=false", ["db1:3307"]),
        ("jdbc:mysql://a:1,b/orders", ["a:1", "b:3306"]),
        ("jdbc:mysql:loadbalance://a,b/x", ["a:3306", "b:3306"]),
        ("jdbc:mariadb://user:secret@db/x", ["db:3306"]),
        ("jdbc:postgresql://[::1]:5433/x", ["[::1]:5433"]),
        ("jdbc:oracle:thin:@ora:1522:SID", ["ora:1522"]),
        ("jdbc:oracle:thin:@//ora/service", ["ora:1521"]),
        ("jdbc:sqlserver://ms;DatabaseName=x", ["ms:1433"]),
        ("jdbc:jtds:sqlserver://ms:1434/x", ["ms:1434"]),
        ("jdbc:sqlite:/tmp/x.db", []),
        ("", []),
        ("nonsense", []),
    ],
)
def test_a_url_names_its_servers(url: str, found: list[str]) -> None:
    assert list(hosts.of_urls([url])) == found


def test_both_sides_of_a_job_count_with_their_parameters_filled() -> None:
    job = {
        "job": {
            "content": [
                {
                    "reader": {
                        "name": "mysqlreader",
                        "parameter": {"connection": [{"jdbcUrl": ["jdbc:mysql://${h}/x"]}]},
                    },
                    "writer": {
                        "name": "postgresqlwriter",
                        "parameter": {"connection": [{"jdbcUrl": "jdbc:postgresql://pg/x"}]},
                    },
                }
            ]
        }
    }
    assert hosts.named(job, {"h": "db9"}) == ("db9:3306", "pg:5432")


def test_a_document_that_cannot_be_read_names_none() -> None:
    assert hosts.named("{", {}) == ()
