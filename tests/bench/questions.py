"""The ready questions over a million attendance records: of JSON lines, an object a report, and of Parquet by month.

Parquet by month is what the Iceberg table holds. DuckDB asks both, the questions of infra/analytics, on this machine: what counts is the
ratio. It needs: pip install duckdb pytz. It prints a table, each figure the median of ROUNDS.

    python tests/bench/questions.py [FOLDER [REPORTS [RECORDS]]]
"""

import json
import random
import shutil
import statistics
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "pipeline/archive_questions"))
import duckdb_questions as ask

ROUNDS = 3
TENANT = "5466a424-0000-4000-8000-0000c0205050"
BEGAN = datetime(2025, 10, 1)
# A report in ten is a webinar's; a meeting has some four.
WEBINARS, MEETINGS = 10, 4


def zulu(time_, ticks=1234567):
    return time_.strftime("%Y-%m-%dT%H:%M:%S") + f".{ticks:07}Z"


def record(rng, start, person):
    join = start + timedelta(seconds=rng.randrange(600))
    seconds = rng.randrange(60, 3600)
    return {
        "id": f"c{person:08}", "emailAddress": f"person{person}@contoso.com", "role": "Attendee", "totalAttendanceInSeconds": seconds,
        "registrationId": f"g{person:08}", "registrantId": None,
        "identity": {"@odata.type": "#microsoft.graph.identity", "id": f"p{person:08}", "displayName": f"Person {person}", "tenantId": TENANT},
        "attendanceIntervals": [{"joinDateTime": zulu(join), "leaveDateTime": zulu(join + timedelta(seconds=seconds)), "durationInSeconds": seconds}],
    }


class Archive:
    """An archive in a folder, of so many reports with so many records."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def write(self, key, lines):
        file = self.folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))

    def fill(self, reports, records):
        rng = random.Random(20260301)
        for number in range(reports):
            start = BEGAN + timedelta(days=365) * number / reports
            is_webinar = number % WEBINARS == 0
            kind = "webinar" if is_webinar else "meeting"
            ids = {"eventId": f"w{number}", "sessionId": "s"} if is_webinar else {"meetingId": f"m{number // MEETINGS}"}
            head = {"reportId": f"r{number:08}", "kind": kind, "source": f"a/path/of/{number}", "organizerId": None if is_webinar else "o-1", **ids,
                    "meetingStartDateTime": zulu(start), "meetingEndDateTime": zulu(start + timedelta(hours=1))}
            people = [rng.randrange(100_000) for _ in range(records)]
            lines = [head | {"attendanceRecord": record(rng, start, person)} for person in people]
            self.write(f"records/v1/tenant={TENANT}/kind={kind}/date={start:%Y-%m-%d}/r{number:08}.jsonl", lines)
            planned = {"dateTime": f"{start:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
            if is_webinar:
                event = {"displayName": f"Webinar {number}", "startDateTime": planned, "endDateTime": planned, "createdBy": {"user": {"id": "o", "displayName": "Megan"}}}
                came = people[: records * 4 // 5] + [rng.randrange(100_000, 200_000) for _ in range(records // 5)]
                registrations = [{"id": f"g{person:08}", "email": f"PERSON{person}@contoso.com", "firstName": "Person", "lastName": str(person),
                                  "status": "registered", "registrationDateTime": "2025-09-01T10:00:00"} for person in came]
                self.write(f"lines/registrations/v1/tenant={TENANT}/kind={kind}/w{number}.jsonl",
                           [{"kind": kind, "eventId": f"w{number}", "isListed": True, "registration": it} for it in registrations])
            else:
                event = {"subject": f"Meeting {number // MEETINGS}", "startDateTime": zulu(start), "endDateTime": zulu(start),
                         "participants": {"organizer": {"upn": "megan@contoso.com", "identity": {"user": {"id": "o-1"}}}}}
            name = ids.get("eventId") or ids["meetingId"]
            event_ids = {member: value for member, value in ids.items() if member != "sessionId"}
            self.write(f"lines/events/v1/tenant={TENANT}/kind={kind}/{name}.jsonl",
                       [{"kind": kind, "source": f"a/path/of/{name}", "organizerId": head["organizerId"], **event_ids, "event": event}])


def seconds_of(database):
    """How long each question takes, and how many rows it has."""
    taken = {}
    for title, statement in ask.questions():
        if not ask.is_definition(statement):
            rounds = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                # Without what Python takes to make objects of it.
                database.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {statement}")
                rounds.append(time.perf_counter() - began)
            [(rows,)] = database.execute("SELECT count(*) FROM answer").fetchall()
            taken[title.split(":")[0]] = (statistics.median(rounds), rows)
    return taken


def processor():
    names = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return f"{len(names)} × {names[0]}"


def main(folder="target/bench/questions", reports=20_000, records=50):
    reports, records = int(reports), int(records)
    shutil.rmtree(folder, ignore_errors=True)
    archive = Archive(folder)
    archive.fill(reports, records)
    size = sum(file.stat().st_size for file in archive.folder.rglob("records/**/*.jsonl"))
    database = ask.opened(folder)
    for _, statement in ask.questions():
        if ask.is_definition(statement):
            database.execute(statement)
    of_lines = seconds_of(database)
    began = time.perf_counter()
    table = f"{folder}/parquet"
    database.execute(f"COPY (SELECT *, day[:7] AS month FROM attendance) TO '{table}' (FORMAT parquet, PARTITION_BY (month))")
    merged = time.perf_counter() - began
    database.execute(f"CREATE OR REPLACE VIEW attendance AS SELECT * EXCLUDE (month) FROM read_parquet('{table}/**/*.parquet', hive_partitioning = true)")
    of_table = seconds_of(database)
    parquet = sum(file.stat().st_size for file in archive.folder.rglob("*.parquet"))
    print(f"{reports:,} reports of {records} records, {size / 2**20:.0f} MiB of lines, {parquet / 2**20:.0f} MiB of Parquet written in {merged:.1f} s; {processor()}, "
          f"DuckDB {ask.duckdb.__version__}\n")
    print("| question | rows | JSON lines, s | Parquet by month, s | ratio |\n|---|--:|--:|--:|--:|")
    for question, (seconds, rows) in of_lines.items():
        assert of_table[question][1] == rows, question
        print(f"| {question} | {rows:,} | {seconds:.2f} | {of_table[question][0]:.3f} | {seconds / of_table[question][0]:.0f} × |")
    sums = [sum(taken for taken, _ in times.values()) for times in (of_lines, of_table)]
    print(f"| **together** | | {sums[0]:.1f} | {sums[1]:.2f} | {sums[0] / sums[1]:.0f} × |")


if __name__ == "__main__":
    main(*sys.argv[1:])
