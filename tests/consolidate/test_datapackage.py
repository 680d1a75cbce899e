from __future__ import annotations

import json
from pathlib import Path

import pytest

from consolidate.columns import TABLES, names
from consolidate.datapackage import schema, write_datapackage
from consolidate.dictionary import dictionary
from consolidate.mappings import load_messages, packaged_folder
from consolidate.model import RunOptions
from consolidate.pipeline import run
from normalize.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = load_messages(packaged_folder())
INBOX = ROOT / "samples" / "inbox" / "2017-Q2"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "out"
    run(RunOptions(INBOX, folder, packaged_folder()), load_catalogue(packaged_folder()))
    return folder


def package_of(folder: Path) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


def test_frictionless_finds_the_published_tables_valid(out: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(out / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "type", "message"])
    assert {task.name for task in report.tasks} >= {"observations", "unmatched", "documents", "findings"}
    assert sum(task.stats["rows"] for task in report.tasks if task.name == "observations") > 10


def test_frictionless_finds_a_broken_table_invalid(out: Path, tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    text = (out / "observations.csv").read_text(encoding="utf-8-sig")
    first = text.splitlines()[1].split(",")[0]
    (tmp_path / "observations.csv").write_text(text + f"{first},x\n", encoding="utf-8-sig")
    write_datapackage(tmp_path, [tmp_path / "observations.csv"], MESSAGES)
    assert not frictionless.validate(str(tmp_path / "datapackage.json")).valid


def test_every_csv_file_of_the_dataset_is_described(out: Path) -> None:
    described = {one["path"] for one in package_of(out)["resources"]}
    assert described == {path.relative_to(out).as_posix() for path in out.rglob("*.csv")}


def test_the_twins_of_a_table_are_named(out: Path) -> None:
    twins = {one["name"]: one.get("alternates") for one in package_of(out)["resources"]}
    assert twins["observations"] == ["observations.parquet"] and twins["unmatched"] == ["unmatched.xlsx"]


@pytest.mark.parametrize("table", TABLES)
def test_a_schema_has_the_columns_of_its_table_in_both_languages(table: str) -> None:
    fields = schema(TABLES[table], MESSAGES)["fields"]
    assert isinstance(fields, list)
    assert tuple(field["name"] for field in fields) == names(TABLES[table])
    assert all(field["title"] and field["description"] for field in fields)


def test_the_data_dictionary_is_up_to_date() -> None:
    page = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert page == dictionary(MESSAGES), "run: python -m consolidate.dictionary > docs/data-dictionary.md"


def test_every_sentence_of_the_data_dictionary_exists() -> None:
    used = {f"table_{name}" for name in (*TABLES, "lists")} | {"dictionary_title", "dictionary_start"}
    assert used <= MESSAGES.keys()
