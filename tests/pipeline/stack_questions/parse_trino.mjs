// Reads texts of SQL by Trino's own grammar, and prints those that are not as they are said to be: parse_trino.mjs TEXTS.
// TEXTS is JSON: those that are "right", and those that are "wrong", by their names. Athena's engine is a Trino; what it adds
// (OPTIMIZE, VACUUM, the DDL of its tables) is not among them.
import { readFileSync } from "node:fs";
import { TrinoSQL } from "dt-sql-parser/dist/parser/trino/index.js";

const parser = new TrinoSQL();
const { right, wrong } = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const [name, text] of Object.entries(right)) {
  const [error] = parser.validate(text);
  if (error) {
    console.log(`${name}: ${error.message}\n${text.split("\n")[error.startLine - 1]}`);
  }
}
for (const [name, text] of Object.entries(wrong)) {
  if (parser.validate(text).length === 0) {
    console.log(`${name}: a mistake that is not found`);
  }
}
