"""The statements of infra/analytics/duckdb.sql, and a database to ask them in. It needs: pip install duckdb pytz"""

import re
from pathlib import Path

import duckdb

STATEMENTS = Path(__file__).parents[3] / "infra/analytics/duckdb.sql"


def questions():
    """The statements, by the name in the comment before each."""
    for statement in re.split(r";$", STATEMENTS.read_text(), flags=re.MULTILINE):
        comments = [line[3:] for line in statement.strip().splitlines() if line.startswith("-- ")]
        if statement.strip():
            yield comments[-1], statement


def is_definition(statement):
    return "CREATE OR REPLACE" in statement


def opened(archive):
    """A database whose questions are asked of this archive."""
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    database.execute("SET VARIABLE archive = ?", [archive])
    return database
