"""Reads records.csv and register.csv of a folder with pandas."""

import pathlib
import sys

import pandas

folder = pathlib.Path(sys.argv[1])
assert (folder / "records.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
records = pandas.read_csv(folder / "records.csv", parse_dates=["First join", "Last leave"])
assert records["Name"][1] == "'@Ferreira, \"Aiko\"", records["Name"][1]
assert records["First join"][0].isoformat() == "2026-10-14T09:56:02+02:00"
assert records["Graph seconds"][0] == 4088 and pandas.isna(records["Graph seconds"][3])

register = pandas.read_csv(folder / "register.csv")
assert register["2026-10-14T09:56:02+02:00 mark"][0] == "L"
assert register["2026-10-14T09:56:02+02:00 seconds"][0] == 46 * 60
assert pandas.isna(register["2026-10-28T10:00:00+01:00 seconds"][0])
assert list(register["Seconds"] // 60) == [281, 295, 286, 300, 83, 265, 222, 169]
