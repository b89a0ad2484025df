"""Asks an archive each question of infra/analytics, and prints what is NULL of each record, by its report's id.

Arguments: the folder with ask.py, the archive's folder.
"""

import json
import sys

sys.path.append(sys.argv[1])
import ask

database = ask.opened(sys.argv[2])
for _, statement in ask.questions():
    database.execute(statement).fetchall()
rows = database.execute("SELECT * FROM attendance")
names = [column[0] for column in rows.description]
records = [dict(zip(names, row)) for row in rows.fetchall()]
print(json.dumps({record["reportId"]: sorted(name for name in names if record[name] is None) for record in records}))
