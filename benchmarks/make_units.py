"""Makes mappings/units/*.csv: provinces, districts and communes with the days on which they began and ended.

Made once, on the data of the package ``vietnamadminunits`` 1.0.4 (MIT), which is installed outside of the project:

    python3 -m venv /tmp/units && /tmp/units/bin/pip install vietnamadminunits==1.0.4
    /tmp/units/bin/python benchmarks/make_units.py

The package knows two states: that of just before 1 July 2025 (63 provinces, 696 districts, 10,035 communes) and that
after it (34 provinces, 3,321 communes, no districts). Units of the first state have no ``valid_from`` unless one is
known for certain: it is not recorded there. Units that were dissolved earlier, with the resolution that did so, are
the rows of ``OLDER``; only ones that are certain stand there. Communes that were dissolved before are not recorded.

Ids are the codes of the statistics office with a letter before them, so that a spreadsheet keeps their zeros:
P08, D072, C02200; a unit that began on 1 July 2025 has ".2025" after it, because its code may be that of another one
before; the rows of ours have an X. A commune whose land was divided has several successors, the greater part first.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

HEADER = ("unit_id", "name", "kind", "parent_id", "valid_from", "valid_to", "successor_id", "note")
LAST, FIRST = "2025-06-30", "2025-07-01"
KINDS = ("thành phố", "thị trấn", "thị xã", "đặc khu", "phường", "huyện", "quận", "tỉnh", "xã")
FOLDER = Path(__file__).resolve().parent.parent / "mappings" / "units"
PROVINCE_LAW, DISTRICT_LAW = "202/2025/QH15", "203/2025/QH15"

OLDER_PROVINCES = [
    ("Hà Tây", "tỉnh", "Hà Nội", "2008-07-31", "15/2008/QH12"),
    ("Thừa Thiên Huế", "tỉnh", "Huế", "2024-12-31", "175/2024/QH15"),
]
"""Name, kind, the province that took its place, its last day, the resolution."""

OLDER_DISTRICTS = [
    ("Hoành Bồ", "huyện", "Quảng Ninh", "Hạ Long", "2019-12-31", "837/NQ-UBTVQH14"),
    ("Kỳ Sơn", "huyện", "Hòa Bình", "Hòa Bình", "2019-12-31", "830/NQ-UBTVQH14"),
    ("Tây Trà", "huyện", "Quảng Ngãi", "Trà Bồng", "2020-01-31", "867/NQ-UBTVQH14"),
    ("Thông Nông", "huyện", "Cao Bằng", "Hà Quảng", "2020-02-29", "897/NQ-UBTVQH14"),
    ("Trà Lĩnh", "huyện", "Cao Bằng", "Trùng Khánh", "2020-02-29", "897/NQ-UBTVQH14"),
    ("Phục Hòa", "huyện", "Cao Bằng", "Quảng Hòa", "2020-02-29", "897/NQ-UBTVQH14"),
    ("Quảng Uyên", "huyện", "Cao Bằng", "Quảng Hòa", "2020-02-29", "897/NQ-UBTVQH14"),
    ("2", "quận", "Hồ Chí Minh", "Thủ Đức", "2020-12-31", "1111/NQ-UBTVQH14"),
    ("9", "quận", "Hồ Chí Minh", "Thủ Đức", "2020-12-31", "1111/NQ-UBTVQH14"),
    ("Thủ Đức", "quận", "Hồ Chí Minh", "Thủ Đức", "2020-12-31", "1111/NQ-UBTVQH14"),
    ("Mỹ Lộc", "huyện", "Nam Định", "Nam Định", "2024-08-31", "1104/NQ-UBTVQH15"),
    ("Cửa Lò", "thị xã", "Nghệ An", "Vinh", "2024-11-30", "1243/NQ-UBTVQH15"),
    ("Lộc Hà", "huyện", "Hà Tĩnh", "Thạch Hà", "2024-12-31", "1283/NQ-UBTVQH15"),
    ("Đông Sơn", "huyện", "Thanh Hóa", "Thanh Hóa", "2024-12-31", "1238/NQ-UBTVQH15"),
    ("Yên Dũng", "huyện", "Bắc Giang", "Bắc Giang", "2024-12-31", "1191/NQ-UBTVQH15"),
    ("Nông Sơn", "huyện", "Quảng Nam", "Quế Sơn", "2024-12-31", "1241/NQ-UBTVQH15"),
    ("Nam Đông", "huyện", "Huế", "Phú Lộc", "2024-12-31", "1314/NQ-UBTVQH15"),
    ("Huế", "thành phố", "Huế", "Thuận Hóa;Phú Xuân", "2024-12-31", "1314/NQ-UBTVQH15"),
    ("Ninh Bình", "thành phố", "Ninh Bình", "Hoa Lư", "2024-12-31", "1318/NQ-UBTVQH15"),
    ("Hoa Lư", "huyện", "Ninh Bình", "Hoa Lư", "2024-12-31", "1318/NQ-UBTVQH15"),
]
"""Name, kind, province (as just before July 2025), the district that took its place, its last day, the resolution."""

BEGAN = {
    ("Huế", "Huế"): "2025-01-01",
    ("Cao Bằng", "Quảng Hòa"): "2020-03-01",
    ("Hồ Chí Minh", "Thủ Đức"): "2021-01-01",
    ("Ninh Bình", "Hoa Lư"): "2025-01-01",
    ("Huế", "Thuận Hóa"): "2025-01-01",
    ("Huế", "Phú Xuân"): "2025-01-01",
}
"""First days of units that took the place of others, by province and name."""

Row = list[str]


def split(full: str) -> tuple[str, str]:
    """Kind and name of a unit as it is printed in full."""
    kind = next(kind for kind in KINDS if full.lower().startswith(kind + " "))
    return kind, " ".join(full[len(kind) :].split())


def provinces(old: dict[str, str], new: dict[str, str], merged: dict[str, str]) -> list[Row]:
    """Rows of provinces; ``old`` and ``new`` are code by full name, ``merged`` the new full name by the old one."""
    several = {name for name in merged.values() if list(merged.values()).count(name) > 1}
    rows = []
    for full, code in old.items():
        kind, name = split(full)
        ended = merged[full] in several
        successor = f"P{new[merged[full]]}.2025" if ended else ""
        note = PROVINCE_LAW if ended else ""
        rows.append([f"P{code}", name, kind, "", BEGAN.get((name, name), ""), LAST if ended else "", successor, note])
    rows += [
        [f"P{code}.2025", *reversed(split(full)), "", FIRST, "", "", ""]
        for full, code in new.items()
        if full in several
    ]
    ids = {row[1]: row[0] for row in rows if not row[0].endswith(".2025")}
    for number, (name, kind, successor, last, law) in enumerate(OLDER_PROVINCES, start=1):
        rows.append([f"PX{number:02}", name, kind, "", "", last, ids[successor], law])
    return sorted(rows)


def districts(found: Iterable[tuple[str, str, str]], islands: dict[str, str], names: dict[str, str]) -> list[Row]:
    """Rows of districts out of code, full name and province code; ``islands`` is the successor by code."""
    rows = []
    for code, full, province in found:
        kind, name = split(full)
        began = BEGAN.get((names[province], name), "")
        rows.append([f"D{code}", name, kind, f"P{province}", began, LAST, islands.get(code, ""), DISTRICT_LAW])
    codes = {name: code for code, name in names.items()}
    for number, (name, kind, province, successors, last, law) in enumerate(OLDER_DISTRICTS, start=1):
        parent = f"P{codes[province]}"
        after = [row[0] for one in successors.split(";") for row in rows if (row[1], row[3]) == (one, parent)]
        assert len(after) == len(successors.split(";")), (name, after)
        rows.append([f"DX{number:02}", name, kind, parent, "", last, ";".join(after), law])
    return sorted(rows)


def successors(data: dict[str, dict[str, dict[str, list[object]]]], new: dict[tuple[str, str], str]) -> dict[str, str]:
    """New ids by the old key "province_district_commune" of the package, joined by ";" where land was divided."""
    found = {}
    for province, communes in data["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, olds in communes.items():
            found.update({str(old): new[(province, commune)] for old in olds})
    for province, divided in data["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in divided.items():
            ordered = sorted(parts, key=lambda part: not part["isDefaultNewWard"])  # type: ignore[index]
            found[old] = ";".join(new[(province, part["newWardKey"])] for part in ordered)  # type: ignore[index]
    return found


def write(name: str, rows: list[Row]) -> None:
    """Write one file of mappings/units."""
    assert len({row[0] for row in rows}) == len(rows), name
    with (FOLDER / name).open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)
    print(name, len(rows))


def main() -> None:
    """Read the package's files and write ours."""
    spec = find_spec("vietnamadminunits")
    assert spec is not None and spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "data"
    data = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
    query = sqlite3.connect(folder / "dataset.db").execute
    old = dict(query("SELECT DISTINCT province, provinceCode FROM admin_units_legacy"))
    new = dict(query("SELECT DISTINCT province, provinceCode FROM admin_units"))
    old_keys = dict(query("SELECT DISTINCT provinceKey, province FROM admin_units_legacy"))
    new_keys = dict(query("SELECT DISTINCT provinceKey, province FROM admin_units"))
    merged = {old_keys[one]: new_keys[key] for key, ones in data["DICT_PROVINCE"].items() for one in ones}
    rows = provinces(old, new, merged)
    write("provinces.csv", rows)
    current = {row[0][1:3]: row[0] for row in rows if not row[5]}
    fresh = list(query("SELECT wardCode, ward, provinceCode, provinceKey, wardKey FROM admin_units"))
    after = successors(data, {(province, key): f"C{code}.2025" for code, _, _, province, key in fresh})
    legacy = list(
        query(
            "SELECT wardCode, ward, districtCode, provinceKey || '_' || districtKey || '_' || ifnull(wardKey, '')"
            " FROM admin_units_legacy"
        )
    )
    islands = {district: after[key] for _, ward, district, key in legacy if ward is None}
    names = {code: split(full)[1] for full, code in old.items()}
    write(
        "districts.csv",
        districts(
            query("SELECT DISTINCT districtCode, district, provinceCode FROM admin_units_legacy"), islands, names
        ),
    )
    communes = [
        [f"C{code}", *reversed(split(ward)), f"D{district}", "", LAST, after.get(key, ""), ""]
        for code, ward, district, key in legacy
        if ward is not None
    ]
    communes += [
        [f"C{code}.2025", *reversed(split(ward)), current[province], FIRST, "", "", ""]
        for code, ward, province, _, _ in fresh
    ]
    write("communes.csv", sorted(communes))
    print("communes without successor:", [row for row in communes if row[5] and not row[6]][:20])


if __name__ == "__main__":
    main()
