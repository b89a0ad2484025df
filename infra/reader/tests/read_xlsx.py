"""Reads register.xlsx and session.xlsx of a folder with openpyxl, and fails where they are not as promised."""

import datetime
import pathlib
import sys

import openpyxl

folder = pathlib.Path(sys.argv[1])
book = openpyxl.load_workbook(folder / "register.xlsx")
assert book.sheetnames == ["Register", "Sessions", "Records", "Not matched", "Rules"], book.sheetnames

sheet = book["Register"]
assert sheet["A1"].value == "Data protection training, autumn 2026"
assert sheet["A2"].value.startswith("Present from 75% (45 min) · absent below 10% (6 min) · late after 10 min"), sheet["A2"].value
assert sheet["A3"].value.startswith("Europe/Amsterdam · as of Thu 5 Nov 2026, 07:30"), sheet["A3"].value
assert sheet.freeze_panes == "F6", sheet.freeze_panes
headings = [cell.value for cell in sheet[5]]
assert headings[:5] == ["Name", "Number", "Group", "Address", "Matched"], headings
assert headings[9] == "14 Oct\n2026-10-14\n10:00–11:00", headings[9]
assert headings[-4:] == ["Present", "Known", "Share", "Minutes"], headings
assert len(set(headings)) == len(headings) == 5 + 12 + 4

first = [cell.value for cell in sheet[6]]
assert first[0] == "Achterberg, Svetlana"
assert first[5:17] == ["P", 60, "P", 58, "L", 46, "P", 60, "?", None, "P", 57], first
assert first[17:19] == [5, 5] and first[20] == 281, first
assert first[19] == 0.93 and sheet["T6"].number_format == "0%"

formula = sheet["A7"]
assert (formula.value, formula.data_type) == ('=HYPERLINK("http://example.com")', "s"), formula.data_type
assert (sheet["B7"].value, sheet["B7"].data_type) == ("+1042", "s")
assert not any(cell.data_type == "f" or cell.hyperlink for one in book for row in one.iter_rows() for cell in row)

last = [cell.value for cell in sheet[sheet.max_row]]
assert last[0] == "Present, of expected" and last[5] == "7 / 8" and last[13] == "?" and last[14] is None, last
minutes = [row[20].value for row in sheet.iter_rows(min_row=6, max_row=sheet.max_row - 1)]
assert minutes == [281, 295, 286, 300, 83, 265, 222, 169], minutes
assert last[20] == sum(minutes)

assert sheet.print_title_rows == "$1:$5" and sheet.print_title_cols == "$A:$B"
assert sheet.page_setup.orientation == "landscape" and str(sheet.page_setup.paperSize) == "9"
assert (sheet.page_setup.fitToWidth or 1) == 1 and sheet.page_setup.fitToHeight == 0
assert sheet.sheet_properties.pageSetUpPr.fitToPage
assert sheet.oddFooter.center.text == "&P / &N", sheet.oddFooter.center.text

rules = {str(area.sqref): area.rules for area in sheet.conditional_formatting}
assert list(rules) == ["F6:G13", "H6:I13", "J6:K13", "L6:M13", "N6:O13", "P6:Q13"], list(rules)
letters = [rule.formula[0] for rule in rules["F6:G13"]]
assert letters == [f'$F6="{letter}"' for letter in ["P", "L", "D", "LD", "H", "A", "E", "?"]], letters
assert rules["F6:G13"][0].dxf.fill.bgColor.rgb == "FFDDF1E7"

sessions = book["Sessions"]
named = {cell.value: cell for cell in sessions[1]}
start = sessions.cell(row=4, column=named["Start (Europe/Amsterdam)"].column)
assert start.value == datetime.datetime(2026, 10, 14, 9, 56, 2) and start.number_format == "yyyy-mm-dd hh:mm"
assert sessions.freeze_panes == "A2" and sessions.auto_filter.ref == "A1:R7", sessions.auto_filter.ref
assert book["Records"].max_row == 5 and book["Not matched"].max_row == 5
assert any("SHA-256 000" in str(row[1].value) for row in book["Rules"].iter_rows())

session = openpyxl.load_workbook(folder / "session.xlsx")
assert session.sheetnames == ["Attendees", "Joins", "Reports"]
joins = session["Joins"]
assert joins["C3"].value == datetime.datetime(2026, 10, 14, 9, 59) and joins.freeze_panes == "A2"
assert joins.max_row == 6 and joins["D6"].value is None, "the leave that is not known is empty"
