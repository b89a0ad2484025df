//! `rollcall ask`: a ready question to the archive, as a table, CSV or JSON.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use comfy_table::{Table, presets};
use jiff::tz::TimeZone;
use reader::files::csv::{self, CsvOptions};
use reader::questions::{Answer, QUESTIONS, Question};
use serde_json::{Value, json};
use shared::env::Env;

use crate::archive::OpenArchive;
use crate::cli::AskOptions;
use crate::terminal::{print_stderr, print_stdout, readable};

/// A text is shown up to so many characters in a table.
const MOST_CHARACTERS: usize = 40;

/// Runs `rollcall ask`: brings the index up to date and prints the answer, or the questions that there are.
///
/// # Errors
/// There is no such question, or a sentence about the archive.
pub async fn run(options: &AskOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    let Some(name) = &options.question else {
        print_questions(options.json);
        return Ok(ExitCode::SUCCESS);
    };
    let question = Question::named(name)
        .with_context(|| format!("there is no question {name}: rollcall ask without one lists them"))?;
    let OpenArchive { index, .. } = OpenArchive::up_to_date(&options.archive.archive, env).await?;
    let answer = question.ask(&index)?;
    match (options.json, options.csv) {
        (true, _) => print_stdout(&rows_json(&answer)?),
        (_, true) => {
            io::stdout().write_all(&csv::table(&answer.table(), &TimeZone::UTC, CsvOptions::default())?)?
        }
        _ => {
            print_stdout(&table(&answer));
            print_stderr(&format!(
                "{} rows; for questions of your own: {}",
                answer.rows.len(),
                index.path().display()
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Which questions there are.
fn print_questions(is_json: bool) {
    if is_json {
        let each = QUESTIONS.iter().map(|question| json!({"name": question.name, "title": question.title}));
        return print_stdout(&Value::from_iter(each).to_string());
    }
    QUESTIONS.iter().for_each(|question| print_stdout(&format!("{:<14} {}", question.name, question.title)));
}

/// One object a row.
fn rows_json(answer: &Answer) -> serde_json::Result<String> {
    let object = |row: &Vec<Value>| answer.columns.iter().cloned().zip(row.iter().cloned()).collect();
    let rows: Vec<serde_json::Map<String, Value>> = answer.rows.iter().map(object).collect();
    serde_json::to_string_pretty(&rows)
}

fn table(answer: &Answer) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY);
    table.set_header(&answer.columns);
    for row in &answer.rows {
        table.add_row(row.iter().map(shown));
    }
    table.to_string()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => readable(text, MOST_CHARACTERS),
        other => other.to_string(),
    }
}
