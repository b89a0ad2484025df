"""Asks an archive each question of infra/analytics and of the template, and prints what came, as JSON.

Arguments: the folder infra, the archive's folder. "duckdb" and "athena" (whose queries DuckDB answers, too) have "null": what is
NULL of each row of a view, by the row's name; and "answers": the rows of each question.
"""

import json
import sys
from pathlib import Path

infra, archive = sys.argv[1:3]
sys.path.append(str(Path(__file__).parent.parent / "stack_questions"))
import athena_in_duckdb
import duckdb_questions

# A row's name is made of these.
VIEWS = {"attendance": ["reportid", "recordid"], "events": ["eventid", "sessionid"], "registrations": ["eventid", "registrationid"]}


def plain(value):
    """A value as both engines give it: a time to the millisecond, in UTC."""
    if hasattr(value, "isoformat"):
        return value.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return value


def told(database, answers):
    views = {view: athena_in_duckdb.rows(database, f"SELECT * FROM {view}") for view in VIEWS}
    return {
        "null": {view: {"~".join(row[part] or "" for part in VIEWS[view]): sorted(name for name in row if row[name] is None) for row in rows}
                 for view, rows in views.items()},
        "answers": {name: [{column: plain(value) for column, value in row.items()} for row in rows] for name, rows in answers.items()},
    }


def asked_as_people_do():
    database = duckdb_questions.opened(archive)
    answers = {}
    for title, statement in duckdb_questions.questions():
        if duckdb_questions.is_definition(statement):
            database.execute(statement)
        else:
            answers[title.split(":")[0]] = athena_in_duckdb.rows(database, statement)
    return told(database, answers)


def asked_as_athena_is():
    database = athena_in_duckdb.opened(archive)
    queries = athena_in_duckdb.named(f"{infra}/template.yaml", False)
    for view in ["events", "registrations", "attendance"]:
        database.execute(queries.pop(f"create-{view}-view"))
    return told(database, {name: athena_in_duckdb.rows(database, query) for name, query in queries.items()})


print(json.dumps({"duckdb": asked_as_people_do(), "athena": asked_as_athena_is()}))
