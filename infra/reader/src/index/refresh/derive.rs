//! What is made of the rows: who is one person, which reports are one session, and the sums of both.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::searched::forget_text;
use super::sessions;
use crate::index::IndexError;
use crate::people::comparable_address;

/// How many people are seen to in one transaction.
const PEOPLE: usize = 5_000;

/// How many series are seen to in one transaction.
const SERIES: usize = 200;

/// Sees to whatever is stale. Stopped half-way, it goes on there.
pub(super) fn derive(connection: &mut Connection) -> Result<(), IndexError> {
    join_people(connection)?;
    while in_transaction(connection, sessions::derive_some(SERIES))? {}
    while in_transaction(connection, sum_some_people)? {}
    Ok(())
}

fn in_transaction(
    connection: &mut Connection,
    step: impl FnOnce(&Connection) -> rusqlite::Result<bool>,
) -> Result<bool, IndexError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let goes_on = step(&transaction)?;
    transaction.commit()?;
    Ok(goes_on)
}

/// Has each stale address join the only user who has it, and each registrant the address of the registration.
fn join_people(connection: &mut Connection) -> Result<(), IndexError> {
    for (kind, root) in
        [("address", address_root as fn(&Connection, i64) -> _), ("registrant", registrant_root)]
    {
        let mut after = 0;
        loop {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let some = stale(&transaction, kind, after)?;
            for person in &some {
                let root = root(&transaction, *person)?;
                set_root(&transaction, *person, root)?;
            }
            transaction.commit()?;
            match some.last() {
                Some(last) => after = *last,
                None => break,
            }
        }
    }
    Ok(())
}

fn stale(connection: &Connection, kind: &str, after: i64) -> rusqlite::Result<Vec<i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.person FROM stale_people s JOIN people p ON p.id = s.person WHERE p.kind = ?1 AND s.person > ?2 \
         ORDER BY s.person LIMIT ?3",
    )?;
    statement.query_map(params![kind, after, PEOPLE], |row| row.get(0))?.collect()
}

/// The only user who has the address of the person `id`, else itself.
fn address_root(connection: &Connection, id: i64) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached(
        "SELECT min(a.person), count(*) FROM people p JOIN addresses a ON a.address = substr(p.key, 6) WHERE p.id = ?1",
    )?;
    let (user, users): (Option<i64>, i64) =
        statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(user.filter(|_| users == 1).unwrap_or(id))
}

/// The person with the address of the registration, else with one that a record has, else itself.
fn registrant_root(connection: &Connection, id: i64) -> rusqlite::Result<i64> {
    let sql = "SELECT e.address FROM people p JOIN registration_entries e ON e.series = substr(p.key, 12, instr(p.key, '/') - 12) \
         AND e.kind <> 'meeting' AND lower(e.registration_id) = lower(substr(p.key, instr(p.key, '/') + 1)) \
         WHERE p.id = ?1 AND e.address IS NOT NULL ORDER BY max(e.registered_at, coalesce(e.canceled_at, 0)) DESC LIMIT 1";
    let registered: Option<String> =
        connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    let sql = "SELECT address FROM identities WHERE person = ?1 AND address IS NOT NULL LIMIT 1";
    let address = match registered {
        Some(address) => Some(address),
        None => connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?,
    };
    let Some(address) = address.as_deref().and_then(comparable_address) else { return Ok(id) };
    let key = format!("mail:{address}");
    let sql = "INSERT INTO people (key, kind) VALUES (?1, 'address') ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute([&key])?;
    let sql = "SELECT id FROM people WHERE key = ?1";
    let of_address: i64 = connection.prepare_cached(sql)?.query_row([&key], |row| row.get(0))?;
    let root = address_root(connection, of_address)?;
    set_root(connection, of_address, root)?;
    Ok(root)
}

/// Has a person be one with `root`, and whoever was one with this person too.
fn set_root(connection: &Connection, person: i64, root: i64) -> rusqlite::Result<()> {
    let sql = "SELECT root FROM people WHERE id = ?1";
    let before: Option<i64> = connection.prepare_cached(sql)?.query_row([person], |row| row.get(0))?;
    if before == Some(root) {
        return Ok(());
    }
    let before = before.unwrap_or(person);
    let execute = |sql: &str, parameters: &[&i64]| {
        connection.prepare_cached(sql)?.execute(rusqlite::params_from_iter(parameters)).map(|_| ())
    };
    execute(
        "INSERT OR IGNORE INTO stale_series SELECT DISTINCT r.kind, r.series FROM people p JOIN identities i ON i.person = p.id \
         JOIN records a ON a.identity = i.id JOIN reports r ON r.id = a.report WHERE p.id = ?1 OR p.root = ?1",
        &[&person],
    )?;
    // Who was led to the former root by this person is led anew.
    execute(
        "INSERT OR IGNORE INTO stale_people SELECT id FROM people WHERE root = ?1 AND kind = 'registrant'",
        &[&before],
    )?;
    execute("UPDATE people SET root = ?2 WHERE id = ?1 OR root = ?1", &[&person, &root])?;
    execute("INSERT OR IGNORE INTO stale_people VALUES (?1), (?2), (?3)", &[&person, &before, &root])
}

/// Sums up some of the stale people, and forgets those of whom there is no record; whether there are more.
fn sum_some_people(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT s.person, coalesce(p.root, s.person) FROM stale_people s LEFT JOIN people p ON p.id = s.person LIMIT ?1";
    let some: Vec<(i64, i64)> = connection
        .prepare_cached(sql)?
        .query_map([PEOPLE], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (person, root) in &some {
        forget_identities(connection, *person)?;
        sum(connection, *root)?;
        connection.prepare_cached("DELETE FROM stale_people WHERE person = ?1")?.execute([person])?;
    }
    Ok(!some.is_empty())
}

/// Counts the sessions of a person, and takes the name and the address that were seen last.
fn sum(connection: &Connection, root: i64) -> rusqlite::Result<()> {
    connection.prepare_cached(SUM)?.execute([root])?;
    for column in ["name", "address"] {
        let sql = format!(
            "UPDATE people SET ({column}, {column}_literal) = (SELECT i.{column}, i.{column}_literal FROM people p \
             JOIN identities i ON i.person = p.id JOIN records a ON a.identity = i.id JOIN reports r ON r.id = a.report \
             WHERE p.root = ?1 AND i.{column} IS NOT NULL ORDER BY r.starts_at DESC LIMIT 1) WHERE id = ?1"
        );
        connection.prepare_cached(&sql)?.execute([root])?;
    }
    Ok(())
}

const SUM: &str = "UPDATE people SET (sessions, last_at) = (SELECT count(DISTINCT r.session), max(r.starts_at) FROM people p \
    JOIN identities i ON i.person = p.id JOIN records a ON a.identity = i.id JOIN reports r ON r.id = a.report WHERE p.root = ?1) WHERE id = ?1";

/// Forgets the identities of a person that no record has any more, what was searched by them, and a person without an identity whom
/// nobody else is one with.
fn forget_identities(connection: &Connection, person: i64) -> rusqlite::Result<()> {
    let sql = "SELECT id, words FROM identities WHERE person = ?1 AND NOT EXISTS (SELECT 1 FROM records WHERE identity = identities.id)";
    let gone: Vec<(i64, i64)> = connection
        .prepare_cached(sql)?
        .query_map([person], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (identity, words) in &gone {
        connection.prepare_cached("DELETE FROM identities WHERE id = ?1")?.execute([identity])?;
        forget_text(connection, *words)?;
    }
    if !gone.is_empty() {
        connection.prepare_cached(FORGET_ADDRESSES)?.execute([person])?;
        connection.prepare_cached(FORGET_PERSON)?.execute([person])?;
    }
    Ok(())
}

const FORGET_ADDRESSES: &str =
    "DELETE FROM addresses WHERE person = ?1 AND NOT EXISTS (SELECT 1 FROM identities WHERE person = ?1)";
const FORGET_PERSON: &str = "DELETE FROM people WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM identities WHERE person = ?1) \
    AND NOT EXISTS (SELECT 1 FROM people other WHERE other.root = ?1 AND other.id <> ?1)";
