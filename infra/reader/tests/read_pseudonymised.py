"""Unpacks each workbook of a folder, and fails where a text of needles.json is in it, or a text that no copy may have."""

import json
import pathlib
import re
import sys
import zipfile

import openpyxl

folder = pathlib.Path(sys.argv[1])
needles = [needle.lower().encode() for needle in json.loads((folder / "needles.json").read_text("utf-8"))]
words = set(json.loads((folder / "words.json").read_text("utf-8")))
pseudonym = re.compile(r"[kmps]_[a-z2-7]{26}")
books = sorted(folder.glob("*.xlsx"))
assert books and len(needles) > 20

for path in books:
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            body = archive.read(member).lower()
            found = [needle for needle in needles if needle in body or needle in member.lower().encode()]
            assert not found, (path.name, member, found)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["People", "Joins", "Registrations", "Session", "Rules"], book.sheetnames
    properties = book.properties
    assert not properties.title and not properties.creator and not properties.description, properties
    assert properties.created.year == 2000 and properties.modified.year in (2000,), properties.modified
    for sheet in book.worksheets:
        headings = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            for heading, cell in zip(headings, row):
                assert cell.comment is None and cell.hyperlink is None
                if sheet.title == "Rules":
                    continue
                value = cell.value
                if isinstance(value, str):
                    assert value in words or pseudonym.fullmatch(value), (sheet.title, heading, value)
                elif hasattr(value, "minute"):
                    assert (value.minute % 15, value.second, value.microsecond) == (0, 0, 0), value
                elif value is not None and "econds" in heading:
                    assert value % 900 == 0, (heading, value)
