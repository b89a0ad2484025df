"""Asks an archive in a folder, or in a bucket, what people ask: python ask.py ARCHIVE [QUESTION].

Without a question it asks all of duckdb.sql. It needs: pip install duckdb pytz
"""

import re
import sys
from pathlib import Path

import duckdb


def questions():
    """The statements of duckdb.sql, by the name in the comment before each."""
    text = (Path(__file__).parent / "duckdb.sql").read_text()
    for statement in re.split(r";$", text, flags=re.MULTILINE):
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


def main(archive, wanted=None):
    database = opened(archive)
    asked = 0
    for title, statement in questions():
        if is_definition(statement):
            database.execute(statement)
        elif wanted in (None, title.split(":")[0]):
            asked += 1
            print(f"\n{title}")
            database.sql(statement).show(max_rows=20)
    if not asked:
        names = ", ".join(title.split(":")[0] for title, statement in questions() if not is_definition(statement))
        sys.exit(f"there is no question {wanted}: ask {names}")


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
