"""Checks each SQL text of the template without Athena, and prints how many there are: check_sql.py TEMPLATE TEXTS.

sqlglot takes more than Athena does. So beside that a text is parsed: each function is one that is named here, each column is one of
its table, and what PostgreSQL or DuckDB alone understands is refused. Mistakes are planted, and
must be found. TEXTS gets as JSON what Trino's own grammar is to read, too (parse_trino.mjs): "right", and "wrong", the mistakes that are
found by nothing else.
"""

import json
import re
import sys
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.tokens import TokenType

from template_sql import Template

# The functions and types with arguments that the texts use, each looked up in Trino's documentation. sqlglot would also take those of
# other dialects.
FUNCTIONS = set("""
  array_max array_min avg bool_or cast coalesce concat_ws count date_diff element_at filter from_iso8601_timestamp greatest
  json_extract json_extract_scalar json_format lower max md5 min nullif regexp_like regexp_replace round row_number sum timestamp
  to_hex to_utf8 transform trim try try_cast unnest array
""".split())
# What else stands before a parenthesis.
WORDS = {"as", "from", "insert", "k", "not", "over", "using", "values", "where"}
# What sqlglot does not parse. Each is held against its whole form.
MAINTENANCE = re.compile(
    r"OPTIMIZE attendance_iceberg REWRITE DATA USING BIN_PACK|VACUUM attendance_iceberg"
    r"|DELETE FROM attendance_iceberg WHERE day < cast\(current_date - interval '400' day AS varchar\)"
)
# The table is made by a statement of Athena's own: held against its form, too, beside its columns.
TABLE = re.compile(
    r"CREATE TABLE IF NOT EXISTS attendance_iceberg \(\s*(\w+ (string|bigint|timestamp),?\s+)+\) PARTITIONED BY \(month\(startsat\)\)"
    r" LOCATION 's3://table/attendance/'\s+TBLPROPERTIES \('table_type' = 'ICEBERG', 'format' = 'parquet'\)\s*"
)
# What other dialects have and Trino has not, and sqlglot reads all the same.
FOREIGN = (exp.Qualify, exp.ILike, exp.Glob, exp.Comprehension)


def statement(text):
    """The only statement of a text."""
    [parsed] = sqlglot.parse(text, dialect="athena")
    tokens = sqlglot.tokenize(text, dialect="athena")
    foreign = {TokenType.DCOLON, TokenType.COLON_EQ, TokenType.SEMICOLON}
    assert not any(token.token_type in foreign for token in tokens), "a cast by ::, or a semicolon"
    if isinstance(parsed, exp.Create) and parsed.kind == "TABLE":
        assert TABLE.fullmatch(text), "not the form of the table"
        return parsed
    without_texts = re.sub("'[^']*'", "''", text).lower()
    unknown = set(re.findall(r"(\w+)\s*\(", without_texts)) - FUNCTIONS - WORDS
    assert not unknown, f"functions that Athena may not know: {unknown}"
    foreign = [type(node).__name__ for node in parsed.find_all(*FOREIGN)]
    assert not foreign, f"another dialect's: {foreign}"
    return parsed


def qualified(query, schema):
    """The names of the columns of a query, all of whose columns are looked up."""
    query = qualify(query.copy(), schema=schema, dialect="athena", validate_qualify_columns=True)
    return [name.lower() for name in query.named_selects]


def check_merge(merge, schema):
    """The MERGE and its parts fit each other."""
    table = set(schema["attendance_iceberg"])
    source = set(qualified(merge.args["using"].this, schema))
    whens = merge.args["whens"].expressions
    assert [(bool(when.args["matched"]), type(when.args["then"]).__name__) for when in whens] == [
        (True, "Var"), (True, "Update"), (False, "Insert")], whens
    deletion, update, insert = [when.args["then"] for when in whens]
    assert deletion.name == "DELETE", deletion
    key = {"tenant", "kind", "reportid", "recordid", "recordnumber"}
    assert {set_to.this.name.lower() for set_to in update.expressions} == table - key
    for set_to in update.expressions:
        assert set_to.expression.name.lower() == set_to.this.name.lower(), set_to
    inserted = [column.name.lower() for column in insert.this.expressions]
    assert set(inserted) == table and len(inserted) == len(table), inserted
    assert [value.name.lower() for value in insert.expression.expressions] == inserted
    assert source == table | {"isgone"}, source ^ table
    for column in merge.find_all(exp.Column):
        known = {"t": table, "s": source}.get(column.table)
        assert known is None or column.name.lower() in known or column.find_ancestor(exp.Subquery), column
    on = {column.name.lower() for column in merge.args["on"].find_all(exp.Column)}
    assert on == key | {"day"}, on


def check(name, text, schema):
    """Checks a text; answers whether Trino's grammar knows such statements. A view is one of the tables from then on."""
    try:
        if MAINTENANCE.fullmatch(text):
            return False
        parsed = statement(text)
        match parsed:
            case exp.Merge():
                check_merge(parsed, schema)
            case exp.Create(kind="VIEW"):
                schema[parsed.this.name] = dict.fromkeys(qualified(parsed.expression, schema), "varchar")
            case exp.Create(kind="TABLE"):
                columns = parsed.find_all(exp.ColumnDef)
                schema[parsed.this.this.name] = {column.name: column.kind.sql("athena") for column in columns}
                return False
            case exp.Query():
                # A question needs no view.
                qualified(parsed, {table: columns for table, columns in schema.items() if table.endswith(("_lines", "_iceberg"))})
            case _:
                raise AssertionError(f"{type(parsed).__name__}: it was not parsed")
        return True
    except Exception as error:
        raise AssertionError(f"{name}: {error}\n{text}") from error


# In the text of a query, by its name: what, and what is written for it by mistake.
MISTAKES = [
    ("who-attended", "coalesce(title, sessionTitle)", "coalesce(title, sessionTitel)"),
    ("late-joiners", "date_diff('second'", "datediff('second'"),
    ("registrations", "from_iso8601_timestamp(", "from_iso8601_time("),
    ("events", "row_number()", "row_numbers()"),
    ("registrations", "'$.eventId')", "'$.eventId'"),
    ("no-shows", "bool_or(", "logical_or("),
    ("no-shows", "cast(NULL AS varchar) AS person", "NULL::varchar AS person"),
    ("merge-everything", "organizerupn = s.organizerUpn", "organizerupn = s.organizerId"),
    ("merge-everything", "t.recordnumber = s.recordNumber", "t.recordnumber = s.number"),
    ("merge-everything", "s.leftAtText, s.fingerprint)", "s.leftAtText)"),
    ("IcebergCreate", "month(startsat)", "months(startsat)"),
    ("IcebergVacuum", "VACUUM", "VACUM"),
    ("IcebergOptimize", "USING BIN_PACK", "USING BIN PACK"),
    ("IcebergRetention", "'400' day", "'400 days'"),
]
# sqlglot takes these.
ONLY_TRINO_KNOWS = [
    ("per-meeting", "GROUP BY 1, 2, 3, 4, 5", "GROUP BY ALL"),
    ("merge-everything", "s.isGone THEN DELETE", "s.isGone DELETE"),
]


def check_all(template):
    """Checks the texts of a template, and that mistakes in them are found; answers those for Trino's grammar."""
    texts, schema = dict(template.queries()), dict(template.tables())
    order = sorted(texts, key=lambda name: not name.startswith("create-"))
    right = {name: texts[name] for name in order if check(name, texts[name], schema)}
    planted = {}
    for name, text, mistake in [*MISTAKES, *ONLY_TRINO_KNOWS]:
        if name in texts:
            assert text in texts[name], (name, text)
            planted[f"{name}: {mistake}"] = (name, texts[name].replace(text, mistake))
    found = 0
    for name, text in planted.values():
        try:
            check(name, text, dict(schema))
        except AssertionError:
            found += 1
    wrong = {title: text for title, (_, text) in planted.items() if any(title == f"{name}: {mistake}" for name, _, mistake in ONLY_TRINO_KNOWS)}
    assert found == len(planted) - len(wrong), f"{found} of {len(planted)} mistakes are found"
    return right, wrong


if __name__ == "__main__":
    (with_table, mistakes), (without, _) = [check_all(Template(sys.argv[1], has_iceberg_table)) for has_iceberg_table in (True, False)]
    without = {f"{name}, without the Iceberg table": text for name, text in without.items()}
    Path(sys.argv[2]).write_text(json.dumps({"right": with_table | without, "wrong": mistakes}))
    print(len(with_table | without))
