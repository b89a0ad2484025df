"""Merges the lines of an archive into the Iceberg table, as DuckDB plays it, and compares: merge_lines.py TEMPLATE.

Nobody can see here what Athena itself does. What is held is what the statements say: whatever happens to the lines, the table
has what they have, and a merge of what has not changed writes nothing.
"""

import json
import sys
import tempfile
from pathlib import Path

import athena_in_duckdb as athena

TEMPLATE = sys.argv[1]
TENANT = "5466a424-0000-4000-8000-0000c0205050"
archive = Path(tempfile.mkdtemp())
queries = athena.named(TEMPLATE, True)
from_lines = athena.named(TEMPLATE, False)


def written(path, lines):
    file = archive / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def report(date, report_id, records, event="w-1"):
    head = {"reportId": report_id, "kind": "webinar", "organizerId": None, "eventId": event, "sessionId": "s-1"}
    times = {"meetingStartDateTime": f"{date}T10:00:00.1234567Z", "meetingEndDateTime": f"{date}T11:00:00Z"}
    written(f"records/v1/tenant={TENANT}/kind=webinar/date={date}/{report_id}.jsonl", [head | times | {"attendanceRecord": record} for record in records])


def record(name, seconds, **members):
    interval = {"joinDateTime": "2026-03-10T10:00:00.7654321Z", "leaveDateTime": "2026-03-10T10:30:00Z"}
    return {"identity": {"displayName": name}, "role": "Attendee", "totalAttendanceInSeconds": seconds, "attendanceIntervals": [interval], **members}


def titled(title, event="w-1"):
    line = {"kind": "webinar", "source": f"webinars/{event}", "organizerId": None, "eventId": event, "event": {"displayName": title}}
    written(f"lines/events/v1/tenant={TENANT}/kind=webinar/{event}.jsonl", [line])


database = athena.opened(archive)
for view in ["events", "registrations", "attendance"]:
    database.execute(from_lines[f"create-{view}-view"])
database.execute(queries["IcebergCreate"])
assert queries["IcebergCreate"] == queries["create-iceberg-table"]
database.execute(queries["create-iceberg-table"])


def table(source, where="true"):
    names = [row[0] for row in database.execute("DESCRIBE attendance").fetchall()]
    names = ", ".join("coalesce(recordId, '') AS recordId" if name == "recordId" else name for name in names)
    return database.execute(f"SELECT {names} FROM {source} WHERE {where} ORDER BY ALL").fetchall()


def merge(query="IcebergMerge"):
    """Merges; answers how many rows are written or deleted."""
    [(changed,)] = database.execute(queries[query]).fetchall()
    return changed


def merged(step, query="IcebergMerge", changed=None):
    count = merge(query)
    assert changed is None or count == changed, f"{step}: {count} rows are written"
    assert table("attendance_iceberg") == table("attendance"), step
    assert merge(query) == 0 and table("attendance_iceberg") == table("attendance"), f"{step}: and again"


# People without an id and with the same name, one of them twice with all the same; others with an id.
report("2026-03-10", "r-1", [record("Ilse", 60), record("Ilse", 60), record("Ilse", 70), record("Megan", 5, id="p-1")])
report("2026-03-11", "r-2", [record("Ilse", 60)])
report("2026-03-12", "r-\u2028'3", [record("O'Hara \"x\" \\ \U0001f600", None), record(None, 1)])
merged("new", changed=7)
report("2026-03-10", "r-1", [record("Megan", 9, id="p-1"), record("Ilse", 60), record("Ilse", 60), record("Ilse", 80), record("Nina", 1)])
merged("richer")
titled("It's \"Q\"")
merged("a title", changed=8)
titled("Another")
merged("another title", changed=8)
report("2026-03-10", "r-1", [record("Megan", 9, id="p-1")])
merged("fewer records", changed=4)
(archive / f"records/v1/tenant={TENANT}/kind=webinar/date=2026-03-11/r-2.jsonl").unlink()
merged("erased", changed=1)

# The schedule looks back for 45 days from the 15th of March, and leaves alone what is older.
report("2026-01-28", "r-4", [record("Ilse", 60)])
report("2026-01-29", "r-5", [record("Ilse", 60)])
assert merge() == 1
assert table("attendance_iceberg") == table("attendance", "day <> '2026-01-28'")
merged("everything", "merge-everything", changed=1)
report("2026-01-28", "r-4", [record("Ilse", 90)])
(archive / f"records/v1/tenant={TENANT}/kind=webinar/date=2026-01-29/r-5.jsonl").unlink()
assert merge() == 1
assert table("attendance_iceberg", "day > '2026-01-28'") == table("attendance", "day > '2026-01-28'")
assert table("attendance_iceberg", "day = '2026-01-28'") != table("attendance", "day = '2026-01-28'")
merged("everything again", "merge-everything", changed=1)

# The rows of another tenant are not of these lines.
database.execute("INSERT INTO attendance_iceberg SELECT * REPLACE ('another' AS tenant) FROM attendance_iceberg")
assert merge("merge-everything") == 0
database.execute("DELETE FROM attendance_iceberg WHERE tenant = 'another'")

# Graph's digits are in it, and every question answers the same from the table and from the lines.
[(text, time)] = database.execute("SELECT DISTINCT startsattext, CAST(startsat AS VARCHAR) FROM attendance_iceberg WHERE day = '2026-03-10'").fetchall()
assert (text, time) == ("2026-03-10T10:00:00.1234567Z", "2026-03-10 10:00:00.123"), (text, time)
asked = 0
for name, query in from_lines.items():
    if not name.startswith("create-"):
        assert sorted(map(str, athena.rows(database, query))) == sorted(map(str, athena.rows(database, queries[name]))), name
        asked += 1
print(asked)
