"""Reads seven.csv and fifteen.csv of a folder with pandas, as importers of Teams' own download do."""

import io
import pathlib
import sys

import pandas

SEVEN = ["Name", "First Join", "Last Leave", "In-Meeting Duration", "Email", "Participant ID (UPN)", "Role"]

folder = pathlib.Path(sys.argv[1])
for name, columns in [("seven.csv", 7), ("fifteen.csv", 15)]:
    raw = (folder / name).read_bytes()
    assert raw[:2] == b"\xff\xfe"
    text = raw.decode("utf-16")
    assert "\r\n\r\n2. Participants\r\n" in text and "\r\n\r\n3. In-Meeting Activities\r\n" in text
    summary, rest = text.split("\r\n\r\n2. Participants\r\n")
    participants, activities = rest.split("\r\n\r\n3. In-Meeting Activities\r\n")
    table = pandas.read_csv(io.StringIO(participants, newline=""), sep="\t", dtype=str, keep_default_na=False)
    assert list(table.columns)[:7] == SEVEN and len(table.columns) == columns, list(table.columns)
    assert len(table) == 4
    assert list(table["Name"])[3] == "'=HYPERLINK(\"x\")\ttab\nline", list(table["Name"])
    assert list(table["In-Meeting Duration"]) == ["1h 8m 8s", "1h 3m", "1h 19m", ""]
    assert pandas.to_datetime(table["First Join"][0], format="%m/%d/%y, %I:%M:%S %p").hour == 9
    lines = pandas.read_csv(io.StringIO(activities, newline=""), sep="\t", dtype=str, keep_default_na=False)
    assert list(lines.columns) == ["Name", "Join Time", "Leave Time", "Duration", "Email", "Role"]
    assert len(lines) == 5

# The file as a whole, as a script reads it that skips to the second section.
whole = pandas.read_csv(folder / "seven.csv", encoding="utf-16", sep="\t", skiprows=9, nrows=4)
assert list(whole.columns) == SEVEN, list(whole.columns)

registrants = pandas.read_csv(folder / "registrants.csv", encoding="utf-16", sep="\t")
assert list(registrants.columns) == ["Name", "Registration Email", "Registration Time", "Registration Status"]
assert list(registrants.loc[0])[2:] == ["10/1/26, 12:00:00 PM", "Registered"], list(registrants.loc[0])
