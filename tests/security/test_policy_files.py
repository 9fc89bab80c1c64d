"""Files outside of the folders that jobs may use."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.security.jobs import database, job, refusals
from webapp.policy import files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("x")
    (root / "own.txt").write_text("x")
    return root


def read(path: Any) -> dict[str, Any]:
    return job(reader={"name": "txtfilereader", "parameter": {"path": path, "column": ["*"]}})


def write(path: str, name: str) -> dict[str, Any]:
    return job(writer={"name": "txtfilewriter", "parameter": {"path": path, "fileName": name, "writeMode": "append"}})


def test_files_under_a_root_pass(root: Path) -> None:
    for document in (read([f"{root}/own.txt"]), read(f"{root}/*.txt"), write(f"{root}", "new"), read([f"{root}"])):
        assert refusals(document, FILE_ROOTS=str(root)) == []


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "{root}/../outside/secret.txt",
        "{root}/../root2",
        "{root}x/y",
        "own.txt",
        "~/x",
        "/",
    ],
)
def test_a_path_outside_is_refused(root: Path, path: str) -> None:
    ((pointer, _),) = refusals(read([path.format(root=root)]), FILE_ROOTS=str(root))
    assert pointer == "/job/content/0/reader/parameter/path/0"


@pytest.mark.parametrize("climb", ["*/../../outside", "a?/../../outside", "x/*/../../..", "own*/b/../../../outside"])
def test_no_wildcard_is_climbed_out_of(root: Path, climb: str) -> None:
    """A writer makes a folder that is called `*`, and from there the way up leads outside."""
    for document in (
        write(f"{root}/{climb}", "x"),
        write(str(root), f"{climb}/x"),
        read([f"{root}/{climb}/*"]),
        database(f"jdbc:sqlite:{root}/{climb.replace('?', '*')}/x.db", "sqlitereader"),  # a ? ends the path in a URL
    ):
        assert refusals(document, FILE_ROOTS=str(root)) != []


def test_a_link_that_leads_outside_is_refused(root: Path) -> None:
    (root / "folder").symlink_to(root.parent / "outside")
    (root / "link.txt").symlink_to(root.parent / "outside" / "secret.txt")
    for document in (
        read([f"{root}/folder/secret.txt"]), read([f"{root}/link.txt"]), read([f"{root}/l*.txt"]), read([f"{root}"]),
        read([f"{root}/folder/*"]), write(f"{root}/folder", "x"),
    ):  # fmt: skip
        assert refusals(document, FILE_ROOTS=str(root)) != []


def test_a_link_further_down_is_found_too(root: Path) -> None:
    """A folder is read with all that is in it, and a wildcard goes across folders."""
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "away").symlink_to(root.parent / "outside")
    for path in (str(root), f"{root}/a", f"{root}/*.txt", f"{root}/a/?/*"):
        assert refusals(read([path]), FILE_ROOTS=str(root)) != [], path
    (root / "a" / "b" / "away").unlink()
    (root / "a" / "b" / "link.txt").symlink_to(root.parent / "outside" / "secret.txt")
    assert refusals(read([f"{root}/*.txt"]), FILE_ROOTS=str(root)) != []
    assert refusals(read([f"{root}/*.csv"]), FILE_ROOTS=str(root)) == []


@pytest.mark.parametrize("path", ["lin.*", "l.*", "(x|linky)*", "link[xy]*", "link?", "?inky*", "l*", ""])
def test_a_link_is_found_whatever_a_path_means(root: Path, path: str) -> None:
    """A path with a wildcard is a regular expression."""
    (root / "linky").symlink_to(root.parent / "outside" / "secret.txt")
    assert refusals(read([f"{root}/{path}"]), FILE_ROOTS=str(root)) != []


def test_a_link_behind_a_link_within_the_roots_is_found(root: Path) -> None:
    (root / "a").mkdir()
    (root / "b").mkdir()
    (root / "a" / "b").symlink_to(root / "b")
    (root / "b" / "a").symlink_to(root / "a")
    assert refusals(read([f"{root}/a"]), FILE_ROOTS=str(root)) == []
    (root / "b" / "away").symlink_to(root.parent / "outside" / "secret.txt")
    assert refusals(read([f"{root}/a"]), FILE_ROOTS=str(root)) != []


def test_a_folder_of_more_files_than_can_be_looked_at_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_LOOKED_AT", 20)
    for number in range(20 - len(list(root.iterdir()))):
        (root / str(number)).touch()
    assert refusals(read([str(root)]), FILE_ROOTS=str(root)) == []
    (root / "one more").touch()
    ((_, said),) = refusals(read([str(root)]), FILE_ROOTS=str(root))
    assert "name a smaller folder" in said


def test_many_wildcards_take_no_longer(root: Path) -> None:
    (root / ("a" * 200)).symlink_to(root / "own.txt")
    began = time.process_time()
    assert refusals(read([f"{root}/" + "*a" * 100 + "b"]), FILE_ROOTS=str(root)) == []
    assert time.process_time() - began < 2


def test_a_link_within_the_roots_passes(root: Path) -> None:
    (root / "link.txt").symlink_to(root / "own.txt")
    assert refusals(read([f"{root}/link.txt"]), FILE_ROOTS=str(root)) == []


def test_a_file_name_cannot_climb_out(root: Path) -> None:
    ((pointer, _),) = refusals(write(str(root), "../outside/x"), FILE_ROOTS=str(root))
    assert pointer == "/job/content/0/writer/parameter/fileName"
    assert refusals(write(str(root), "/etc/x"), FILE_ROOTS=str(root)) != []
    assert refusals(write(str(root), "folder/x"), FILE_ROOTS=str(root)) == []


@pytest.mark.parametrize(
    "url", ["jdbc:sqlite:/etc/x.db", "JDBC:SQLite:/etc/x.db", "jdbc:sqlite:file:{root}/..%2foutside%2fx.db?mode=ro"]
)
def test_a_sqlite_file_outside_is_refused(root: Path, url: str) -> None:
    assert refusals(database(url.format(root=root), "sqlitereader"), FILE_ROOTS=str(root)) != []
    assert refusals(database(f"jdbc:sqlite:{root}/x.db", "sqlitereader"), FILE_ROOTS=str(root)) == []


def test_a_hadoop_plugin_does_not_read_the_workers_files(root: Path) -> None:
    document = job(reader={"name": "hdfsreader", "parameter": {"defaultFS": "file:///", "path": "/etc/passwd"}})
    ((pointer, _),) = refusals(document, FILE_ROOTS=str(root))
    assert pointer == "/job/content/0/reader/parameter/defaultFS"


def test_a_query_that_comes_from_a_file_is_a_file(root: Path) -> None:
    """Addax reads the file behind an @, and says what it could not run."""
    document = database("jdbc:mysql://127.0.0.1/x")
    for query, count in ((f"@{root}/own.txt", 0), ("@/etc/passwd", 1), ("@x", 1), ("select '@/etc'", 0)):
        document["job"]["content"][0]["reader"]["parameter"]["connection"][0]["querySql"] = [query]
        assert len(refusals(document, FILE_ROOTS=str(root))) == count, query


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH '/etc/x.db' AS e",
        "  attach database '/etc/x.db' as e",
        "select 1; /* a */ Attach '/etc/x.db' as e",
        "-- a\nATTACH '/etc/x.db' AS e",
        "VACUUM INTO '/etc/x.db'",
        "vacuum main\ninto '/etc/x.db'",
        "SELECT load_extension('/tmp/x.so')",
    ],
)
@pytest.mark.parametrize("name", ["sqlitewriter", "rdbmswriter"])
def test_sqlites_statements_open_no_other_file(root: Path, statement: str, name: str) -> None:
    connection = [{"jdbcUrl": f"jdbc:sqlite:{root}/x.db", "table": ["t"]}]
    parameter = {"column": ["*"], "connection": connection, "preSql": ["delete from t", statement]}
    ((pointer, _),) = refusals(job(writer={"name": name, "parameter": parameter}), FILE_ROOTS=str(root))
    assert pointer == "/job/content/0/writer/parameter/preSql/1"


def test_ordinary_statements_of_sqlite_pass(root: Path) -> None:
    harmless = ["VACUUM", "delete from attach", "update t set a = 'x; y' where attach = 1", "INSERT INTO t SELECT 1"]
    connection = [{"jdbcUrl": f"jdbc:sqlite:{root}/x.db", "table": ["t"]}]
    parameter = {"column": ["*"], "connection": connection, "postSql": harmless}
    assert refusals(job(writer={"name": "sqlitewriter", "parameter": parameter}), FILE_ROOTS=str(root)) == []


def test_the_path_of_a_plugin_that_nobody_knows_is_a_file(root: Path) -> None:
    for name, count in (("parquetreader", 1), ("s3reader", 0), ("ftpreader", 0)):
        document = job(reader={"name": name, "parameter": {"path": "/etc/passwd"}})
        assert len(refusals(document, FILE_ROOTS=str(root))) == count, name


@pytest.mark.parametrize(
    "parameter",
    [
        "sslrootcert={}", "sslkey={}", "sslcert={}", "SSLRootCert={}", "sslrootcert=%2Fetc%2Fpasswd", "serverSslCert={}", "trustStore={}",
        "keyStore=file:{}", "javax.net.ssl.trustStore={}", "sslTrustStoreLocation={}", "SSLKeyStorePath={}", "trust_store={}",
    ],
)  # fmt: skip
def test_a_driver_opens_keys_and_certificates_within_the_roots_alone(root: Path, parameter: str) -> None:
    def found(path: object) -> list[tuple[str, str]]:
        url = f"jdbc:postgresql://127.0.0.1/d?x=1&{parameter.format(path)}"
        return refusals(database(url, "rdbmsreader"), FILE_ROOTS=str(root))

    ((_, said),) = found("/etc/passwd")
    assert "FILE_ROOTS" in said
    if "%" not in parameter:
        assert found(root / "own.pem") == [] and found("/etc/ssl/certs/ca-certificates.crt") == []


def test_a_store_has_a_type_and_a_password_too(root: Path) -> None:
    url = "jdbc:mysql://127.0.0.1/d?trustStoreType=JKS&trustStorePassword=changeit"
    assert refusals(database(url), FILE_ROOTS=str(root)) == []
