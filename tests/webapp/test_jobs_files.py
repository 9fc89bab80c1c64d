"""Jobs from files and to files: what each file does, and that what goes out comes back the same."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import stream
from tests.security.test_secrets_editing import CANARY, TEXT
from tests.webapp.test_jobs import body
from tests.webapp.visitor import Visitor, one, seen
from webapp.errors import InvalidRequest
from webapp.extensions import db
from webapp.jobs import archive, exporting, importing, naming, queries, sealed, service
from webapp.jobs.importing import Action
from webapp.jobs.queries import Filter
from webapp.jobs.schemas import held

JOB = json.dumps(stream(1)).encode()


def plan(files: dict[str, bytes], *tags: str) -> list[importing.Item]:
    return importing.plan(archive.read(files.items()), tags)


def bring(files: dict[str, bytes], *tags: str) -> list[tuple[str, str]]:
    items = plan(files, *tags)
    importing.apply(items, "ann")
    return [(item.path, item.action.value) for item in items]


def exported(**wanted: str) -> dict[str, bytes]:
    return {name: content for name, content, _ in exporting.files(queries.every(Filter(**wanted), 2))}


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def parts(files: dict[str, bytes]) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(content), name) for name, content in files.items()]


def test_a_file_is_a_job_of_its_name_with_its_folders_as_tags(app_on_each_database: Flask) -> None:
    text = b"{ // by hand\r\n" + JOB[1:]
    assert bring({"日报 1.json": text, "Sales/eu west/b.json": JOB}, "all") == [
        ("Sales/eu west/b.json", "new"),
        ("日报 1.json", "new"),
    ]
    found = {job.name: job for job in queries.page(Filter(), 9).jobs}
    assert {name: job.tags for name, job in found.items()} == {"b": ["all", "eu-west", "sales"], "日报 1": ["all"]}
    version = queries.version(found["日报 1"])
    assert held(version)["job"] == text.decode() and (version.note, version.created_by) == ("日报 1.json", "ann")


def test_a_second_import_makes_versions_of_what_has_changed_and_nothing_of_the_rest(app: Flask) -> None:
    bring({"a.json": JOB, "b.json": JOB})
    service.change(queries.named("a").id, body("A", JOB.decode(), timeout=7, params={"x": 1}, tags=["mine"]), "bob")
    assert bring({"a.json": JOB + b"\n", "b.json": b"\xef\xbb\xbf" + JOB, "c.json": JOB}) == [
        ("a.json", "changed"),
        ("b.json", "same"),
        ("c.json", "new"),
    ]
    job = queries.named("a")
    version = queries.version(job)
    assert (job.name, job.version, job.tags) == ("A", 3, ["mine"])
    assert version.options["timeout"] == 7 and version.params == {"x": 1}


def test_a_bad_file_says_why_and_stops_no_other(app: Flask) -> None:
    files = {
        "good.json": JOB,
        "broken.json": b'{\n  "job": ,',
        "list.json": b"[]",
        "bytes.json": b'{"job": "\xff"}',
        "x/good.json": JOB,
        "empty.json": b"",
        f"{'x' * 201}.json": JOB,
        " .json": JOB,
        "readme.txt": b"not looked at",
        ".git/config.json": b"not looked at",
        "half.json": b'{"job": {"content": [{}]}}',
    }
    items = {item.path: item for item in plan(files)}
    importing.apply(list(items.values()), "ann")
    refused = {path: item.problems[0] for path, item in items.items() if item.action is Action.REFUSED}
    assert (refused["broken.json"]["line"], refused["broken.json"]["column"]) == (2, 10)
    assert "one object" in refused["list.json"]["detail"] and "0xFF" in refused["bytes.json"]["detail"]
    assert "good.json" in refused["x/good.json"]["detail"]
    assert set(refused) == {"broken.json", "list.json", "bytes.json", "x/good.json", "empty.json"} | {
        f"{'x' * 201}.json",
        " .json",
    }
    assert sorted(job.name for job in queries.page(Filter(), 9).jobs) == ["good", "half"]


def test_what_goes_out_comes_back_the_same(app_on_each_database: Flask) -> None:
    fields: dict[str, Any] = {
        "description": "d\n日",
        "tags": ["x", "y"],
        "params": {"t": CANARY, "n": 3, "b": True},
        "timeout": 5,
        "stall_timeout": 6,
        "retries": 2,
        "priority": 0,
        "queue": "night",
        "exclusive": "e",
        "engine": "duckdb",
    }
    service.create(body('a/b: <日报> "c"', TEXT, **fields), "ann")
    service.create(body("jobs", JOB.decode()), "ann")
    service.create(body("../up", '{"job": \r\n'), "ann")
    service.create(body("con", TEXT + "\n\n"), "ann")
    service.create(body("x" * 200, JOB.decode()), "ann")
    service.create(body("日" * 200, JOB.decode()), "ann")
    service.create(body("日" * 199 + "本", JOB.decode()), "ann")
    out = exported()
    assert CANARY.encode() not in b"".join(out.values()) and b"sealed:" not in b"".join(out.values())
    broken = next(name for name, content in out.items() if content == b'{"job": \r\n')
    for files in (out, {"all.zip": packed(out)}):
        items = plan(files)
        assert {item.path for item in items if item.action is not Action.SAME} == {broken}
    assert [name for name in out if "/" in name or "\\" in name or len(name.encode()) > 255] == []


def test_what_goes_out_of_one_project_comes_into_another_with_all_but_its_secrets(app: Flask) -> None:
    from webapp.projects import scope
    from webapp.projects import service as projects

    service.create(body("a:b", TEXT, timeout=5, tags=["x"], description="d", params={"t": CANARY}), "ann")
    out = exported()
    with scope.within(projects.create("other").id):
        (item,) = plan({"copy.zip": packed({f"deep/{name}": content for name, content in out.items()})})
        assert item.action is Action.NEW and item.masked and item.name == "a:b"
        importing.apply([item], "ann")
        job = queries.named("a:b")
        version = queries.version(job)
        assert (job.tags, job.description, version.options["timeout"]) == (["x"], "d", 5)
        assert version.created_by == "ann" and queries.count() == 1


def test_a_mask_in_a_file_stands_for_the_secret_that_the_job_has(app: Flask) -> None:
    job = service.create(body("a", TEXT), "ann")
    shown = held(queries.version(job))["job"]
    assert bring({"a.json": shown.encode()}) == [("a.json", "same")]
    assert bring({"a.json": shown.replace('"id"', '"name"').encode()}) == [("a.json", "changed")]
    version = queries.version(queries.named("a"))
    assert CANARY in sealed.opened(version.content, version.params).text
    (moved,) = plan({"a.json": shown.replace("127.0.0.1:1", "evil:1").encode()})
    assert moved.action is Action.REFUSED and "another address" in moved.problems[0]["detail"]


def test_the_list_of_jobs_is_honoured_and_a_broken_one_is_refused(app: Flask) -> None:
    listed = {
        "kind": "datax-celery-jobs",
        "format": 1,
        "jobs": [
            {"file": "one.json", "name": "First", "tags": ["x"], "timeout": 9, "params": {"a": 1}},
            {"file": "gone.json", "name": "Gone"},
            {"file": "bad.json", "name": "Bad", "timeout": 0},
        ],
    }
    files = {"f/jobs.json": json.dumps(listed).encode(), "f/one.json": JOB, "f/bad.json": JOB, "f/two.json": JOB}
    items = {item.path: item for item in plan(files, "all")}
    assert {path: item.action.value for path, item in items.items()} == {
        "f/one.json": "new",
        "f/bad.json": "refused",
        "f/two.json": "new",
        "f/gone.json": "refused",
    }
    assert items["f/one.json"].tags == ["all", "x"] and items["f/two.json"].tags == ["all", "f"]
    assert items["f/bad.json"].problems[0]["pointer"] == "/timeout"
    assert "not there" in items["f/gone.json"].problems[0]["detail"]
    for broken in ({**listed, "format": 2}, {**listed, "jobs": 3}, {**listed, "jobs": [{"file": "a"}]}):
        with pytest.raises(InvalidRequest):
            plan({"jobs.json": json.dumps(broken).encode()})
    assert plan({"jobs.json": JOB})[0].name == "jobs"


def test_nothing_is_imported_when_one_of_the_jobs_was_saved_meanwhile(app: Flask) -> None:
    bring({"b.json": JOB})
    items = plan({"a.json": JOB, "b.json": JOB + b"\n"})
    service.change(queries.named("b").id, body("b", "{}"), "bob")
    shown = importing.digest(items)
    from webapp.errors import Stale

    with pytest.raises(Stale):
        importing.apply(items, "ann")
    with pytest.raises(Stale):
        importing.confirm(plan({"a.json": JOB, "b.json": JOB + b"\n"}), shown, "ann")
    db.session.expire_all()
    assert queries.count() == 1 and queries.named("a") is None


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a", "a.json"),
        ("a/b\\c:d", "a_b_c_d.json"),
        ("..", "job.json"),
        ("  x. ", "x.json"),
        ("jobs", "jobs (2).json"),
        ("NUL", "_NUL.json"),
        ("com1.x", "_com1.x.json"),
        ("a\u202eb", "a_b.json"),
        ("日" * 100, "日" * 66 + ".json"),
    ],
)
def test_a_file_has_a_name_that_no_file_system_minds(name: str, file: str) -> None:
    assert naming.file_of(name, set()) == file


def test_two_files_never_have_one_name() -> None:
    taken: set[str] = set()
    assert [naming.file_of(name, taken) for name in ("a:b", "a/b", "A_B")] == [
        "a_b.json",
        "a_b (2).json",
        "A_B (3).json",
    ]


def test_the_api_imports_tries_and_exports(api: FlaskClient) -> None:
    def send(**fields: Any) -> Any:
        files = parts({"folder/x/a.json": JOB, "folder/b.json": b"{", "c.zip": packed({"y/c.json": JOB})})
        return api.post("/api/jobs/import", data={"file": files, **fields}, content_type="multipart/form-data")

    tried = send(dry_run="true", tag=["p", "q"]).json
    assert tried["dry_run"] is True and (tried["new"], tried["refused"]) == (2, 1) and queries.count() == 0
    assert {item["path"]: item["action"] for item in tried["items"]} == {
        "x/a.json": "new",
        "b.json": "refused",
        "y/c.json": "new",
    }
    assert tried["items"][0]["problems"][0]["line"] == 1
    assert send(tag="p").json["new"] == 2
    assert [job.tags for job in queries.page(Filter(), 9).jobs] == [["p", "x"], ["p", "y"]]
    assert send(tag="p").json["same"] == 2
    out = api.get("/api/jobs/export?tag=x")
    assert out.mimetype == "application/zip" and "jobs-" in out.headers["Content-Disposition"]
    assert sorted(zipfile.ZipFile(io.BytesIO(out.data)).namelist()) == ["a.json", "jobs.json"]
    one_file = api.get(f"/api/jobs/{queries.named('a').id}/export")
    assert one_file.data == JOB and "filename=a.json" in one_file.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 422),
        ({"file": parts({"a.txt": b"x"})}, 422),
        ({"dry_run": "maybe", "file": parts({"a.json": JOB})}, 422),
        ({"other": "1"}, 400),
        ({"tag": "two words", "file": parts({"a.json": JOB})}, 422),
    ],
)
def test_the_api_refuses_what_is_no_import(api: FlaskClient, data: dict[str, Any], status: int) -> None:
    assert api.post("/api/jobs/import", data=data, content_type="multipart/form-data").status_code == status
    assert api.post("/api/jobs/import", json={}).status_code == 415


def test_a_page_shows_what_would_happen_and_does_it_upon_a_yes(visitor: Visitor) -> None:
    bring({"old.json": JOB, "same.json": JOB})
    files = {"f/new.json": JOB, "f/old.json": JOB + b"\n", "f/same.json": JOB, "f/bad<b>.json": b"{\n,"}
    page = visitor.post("/jobs/import", {"folder": parts(files), "tags": "Fresh, x"}).text
    text = seen(page)
    assert "Import 3 jobs?" in text and "bad<b>.json line 2, column 1" in text and "<b>" not in page
    assert "1 is refused" in text and "1 is new" in text and "2 become new versions" in text and "fresh" in text
    assert queries.count() == 2
    token = one(r'name="files" value="([^"]+)"', page)
    done = visitor.post("/jobs/import/confirm", {"files": token})
    assert done.status_code == 302 and "1 job is new, 2 have a new version" in seen(visitor.get(done.location).text)
    db.session.expire_all()
    assert queries.named("new").tags == ["fresh", "x"] and queries.named("old").version == 2
    again = visitor.post("/jobs/import/confirm", {"files": token})
    assert again.status_code == 412 and "look at it again" in seen(again.text)
    assert queries.named("old").version == 2


def test_secrets_of_files_that_wait_for_a_yes_are_sealed_in_the_page(visitor: Visitor) -> None:
    page = visitor.post("/jobs/import", {"file": parts({"a.json": TEXT.encode()})}).text
    assert CANARY not in page and "Import 1 job?" in page
    token = one(r'name="files" value="([^"]+)"', page)
    visitor.post("/jobs/import/confirm", {"files": token})
    version = queries.version(queries.named("a"))
    assert sealed.opened(version.content, {}).text == TEXT


def test_only_who_looked_may_say_yes(visitor: Visitor, app: Flask) -> None:
    page = visitor.post("/jobs/import", {"file": parts({"a.json": JOB})}).text
    token = one(r'name="files" value="([^"]+)"', page)
    from webapp.accounts import service as accounts
    from webapp.accounts.roles import Role

    accounts.create("otto", Role.OPERATOR, "a-long-password")
    other = Visitor(app)
    other.post("/login", {"username": "otto", "password": "a-long-password"})
    for sent in (token, "", "x", app.extensions["keys"].seal("{}"), app.extensions["keys"].seal("import")):
        assert other.post("/jobs/import/confirm", {"files": sent}).status_code == 422
    assert queries.count() == 0


def test_pages_save_files(visitor: Visitor) -> None:
    bring({"a.json": JOB, "x/b.json": JOB, "x/c.json": JOB})
    first = queries.named("a").id

    def names(address: str) -> list[str]:
        return sorted(zipfile.ZipFile(io.BytesIO(visitor.get(address).data)).namelist())

    assert names("/jobs/export.zip") == ["a.json", "b.json", "c.json", "jobs.json"]
    assert names("/jobs/export.zip?tag=x") == ["b.json", "c.json", "jobs.json"]
    assert names(f"/jobs/export.zip?tag=x&id={first}") == ["a.json", "jobs.json"]
    assert names(f"/jobs/export.zip?tag=x&id={first}&all=yes") == ["b.json", "c.json", "jobs.json"]
    assert names("/jobs/export.zip?text=nothing") == ["jobs.json"]
    assert visitor.get(f"/jobs/{first}/export").data == JOB
    assert visitor.get("/jobs/import/confirm").location == "/jobs/import"


def test_the_commands_take_folders_in_and_write_them_out(app: Flask, tmp_path: Path) -> None:
    def flask(*words: str, code: int = 0) -> str:
        done = app.test_cli_runner().invoke(args=["job", *words])
        assert done.exit_code == code, done.output
        db.session.expire_all()
        return done.output

    folder = tmp_path / "in"
    (folder / "sales").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git" / "x.json").write_bytes(JOB)
    (folder / "a.json").write_text(TEXT)
    (folder / "sales" / "b.json").write_bytes(JOB)
    assert "Would be: 2 new" in flask("import", str(folder), "--dry-run") and queries.count() == 0
    assert "new  sales/b.json" in flask("import", str(folder), "--tag", "git")
    assert "2 same" in flask("import", str(folder), "--tag", "git")
    (folder / "bad.json").write_text("{\n,")
    assert "REFUSED  bad.json: line 2, column 1" in flask("import", str(folder / "bad.json"), code=1)
    out = tmp_path / "out"
    assert "2 jobs" in flask("export", str(out))
    assert sorted(path.name for path in out.iterdir()) == ["a.json", "b.json", "jobs.json"]
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert CANARY not in (out / "a.json").read_text()
    assert "0 new, 0 changed, 2 same, 0 refused" in flask("import", str(out))
    flask("export", str(out))
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert flask("list", "--tag", "sales") == "b  version 1  git  sales\n"
    assert flask("list", "--text", "A").startswith("a  version 1")
    flask("list", "--project", "nothing", code=1)
