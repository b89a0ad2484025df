"""Athena's queries of the template, asked of an archive in a folder by DuckDB: sqlglot translates them.

Where a function of Trino means something else than what sqlglot makes of it, it is written here: json_extract_scalar gives nothing for
an object (core/trino-main, JsonExtract.java), and regular expressions look ahead.
"""

import re
from datetime import date, timedelta

import duckdb
import sqlglot
from sqlglot import exp

from template_sql import Template

# The day on which the questions are asked.
TODAY = date(2026, 3, 15)
LINES = {"record_lines": "records", "event_lines": "lines/events", "registration_lines": "lines/registrations"}
MACROS = """
CREATE MACRO scalar_at(value, path) AS
  CASE WHEN json_type(TRY_CAST(value AS JSON), path) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN json_extract_string(TRY_CAST(value AS JSON), path) END;
CREATE MACRO value_at(value, path) AS json_extract(TRY_CAST(value AS JSON), path);
"""


def translated(text):
    """A text for Athena as DuckDB understands it."""

    def replaced(node):
        match node:
            case exp.Sub(this=exp.CurrentDate()):
                # A date less an interval of days is a date in Trino, and a time in DuckDB.
                days = timedelta(days=int(node.expression.name))
                return exp.cast(exp.Literal.string((TODAY - days).isoformat()), "date")
            case exp.JSONExtractScalar():
                return exp.Anonymous(this="scalar_at", expressions=[node.this, exp.Literal.string(path_of(node))])
            case exp.JSONExtract():
                return exp.Anonymous(this="value_at", expressions=[node.this, exp.Literal.string(path_of(node))])
            case exp.RegexpLike():
                return exp.Anonymous(this="is_like", expressions=[node.this, node.expression])
            case exp.RegexpReplace():
                return exp.Anonymous(this="replaced_in", expressions=[node.this, node.expression, node.args["replacement"]])
            case exp.PartitionedByProperty() | exp.LocationProperty() | exp.Property():
                return None
        return node

    parsed = sqlglot.parse_one(text, dialect="athena").transform(replaced)
    # A table of DuckDB's own in place of Iceberg's.
    if isinstance(parsed, exp.Create) and parsed.kind == "TABLE":
        parsed.set("properties", None)
    return parsed.sql("duckdb")


def path_of(extraction):
    return extraction.expression.sql("duckdb").strip("'")


def opened(archive):
    """A database with Athena's tables over the lines of an archive."""
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    # Trino sorts what is not there behind everything else, too.
    database.execute(MACROS)
    text = duckdb.sqltypes.VARCHAR
    database.create_function("is_like", lambda line, pattern: re.search(pattern, line) is not None, [text, text], duckdb.sqltypes.BOOLEAN)
    database.create_function("replaced_in", lambda line, pattern, by: re.sub(pattern, by, line), [text, text, text], text)
    for table, folder in LINES.items():
        database.execute(f"""
            CREATE VIEW {table} AS
            SELECT line, regexp_extract(filename, 'tenant=([^/]+)', 1) AS tenant, regexp_extract(filename, 'kind=([^/]+)', 1) AS kind,
              regexp_extract(filename, 'date=([^/]+)', 1) AS date
            FROM (SELECT filename, unnest(string_split(content, chr(10))) AS line FROM read_text('{archive}/{folder}/**/*.jsonl')) WHERE line <> ''""")
    return database


def named(template, has_iceberg_table):
    """The named queries and those of the schedules, translated: by name."""
    queries = Template(template, has_iceberg_table).queries()
    return {name: translated(text) for name, text in queries if not text.startswith(("OPTIMIZE", "VACUUM"))}


def rows(database, query):
    """The rows of an answer, each by the names of its columns, which Athena has in lower case."""
    answer = database.execute(query)
    names = [column[0].lower() for column in answer.description]
    return [dict(zip(names, row)) for row in answer.fetchall()]
