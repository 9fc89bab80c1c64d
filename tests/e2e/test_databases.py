"""Jobs between a real database and files, submitted through the form as a file."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.databases import Database
from tests.e2e.conftest import SECONDS
from tests.stack import Stack

ROWS = 5000
COLUMNS = ["id", "customer", "amount", "ordered_at"]


def job(reader: dict[str, Any], writer: dict[str, Any]) -> dict[str, Any]:
    setting = {"speed": {"channel": 1}, "errorLimit": {"record": 0}}
    return {"job": {"setting": setting, "content": [{"reader": reader, "writer": writer}]}}


def run(page: Page, file: Path) -> dict[str, Any]:
    """Upload the file, submit the form, wait for the end. Returns the result that the page shows."""
    page.goto("/tasks/new")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#live-head .badge")).to_have_text("succeeded", timeout=60 * SECONDS)
    expect(page.locator(".figures dd").first).to_have_text(f"{ROWS:,}")
    result: dict[str, Any] = json.loads(page.locator("pre.result").inner_text())
    return result


def test_a_table_becomes_a_text_file_and_a_csv_file_becomes_a_table(
    page: Page, stack: Stack, pg: Database, tmp_path: Path
) -> None:
    table = "(id bigint primary key, customer text, amount numeric(12,2), ordered_at timestamp)"
    fill = "SELECT n, '客户 ' || n || ', \"x\"', n / 100.0, timestamp '2026-01-01' + n * interval '1 minute'"
    pg.execute(
        f"CREATE TABLE orders {table}",
        f"INSERT INTO orders {fill} FROM generate_series(1, {ROWS}) n",
        f"CREATE TABLE copied {table}",
    )
    folder = stack.var_dir.parent / "e2e"
    folder.mkdir(exist_ok=True)
    out = job(postgres(pg, "reader", "orders"), text_writer(folder))
    (tmp_path / "out.json").write_text(json.dumps(out, ensure_ascii=False, indent=2))
    assert run(page, tmp_path / "out.json")["success"] is True
    (written,) = folder.glob("orders*")
    assert len(written.read_text().splitlines()) == ROWS
    back = job(text_reader(written), postgres(pg, "writer", "copied"))
    (tmp_path / "back.json").write_text(json.dumps(back, ensure_ascii=False, indent=2))
    assert run(page, tmp_path / "back.json")["success"] is True
    assert pg.rows("SELECT count(*) FROM copied") == [(ROWS,)]
    assert pg.rows("TABLE orders EXCEPT TABLE copied") == []
    assert pg.password not in page.content()


def postgres(pg: Database, side: str, table: str) -> dict[str, Any]:
    url: Any = [pg.jdbc_url] if side == "reader" else pg.jdbc_url
    connection = [{"jdbcUrl": url, "table": [table]}]
    parameter = {"username": pg.user, "password": pg.password, "column": COLUMNS, "connection": connection}
    return {"name": f"postgresql{side}", "parameter": parameter}


def text_writer(folder: Path) -> dict[str, Any]:
    parameter = {
        "path": str(folder),
        "fileName": "orders",
        "writeMode": "truncate",
        "fileFormat": "csv",
        "fieldDelimiter": ",",
    }
    return {"name": "txtfilewriter", "parameter": parameter}


def text_reader(file: Path) -> dict[str, Any]:
    types = ["long", "string", "string", "date"]
    columns: list[dict[str, Any]] = [{"index": at, "type": kind} for at, kind in enumerate(types)]
    columns[3]["format"] = "yyyy-MM-dd HH:mm:ss"
    return {"name": "txtfilereader", "parameter": {"path": [str(file)], "column": columns, "fieldDelimiter": ","}}
