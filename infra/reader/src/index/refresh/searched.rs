//! The texts that are searched, each once.

use rusqlite::{Connection, OptionalExtension};

/// The number of a text that is searched, which is added where there is none.
pub(super) fn text_id(connection: &Connection, text: &str) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached("SELECT id FROM words WHERE text = ?1")?;
    if let Some(id) = statement.query_row([text], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    connection.prepare_cached("INSERT INTO words (text) VALUES (?1)")?.execute([text])?;
    let id = connection.last_insert_rowid();
    let sql = "INSERT INTO words_index (rowid, text) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute((id, text))?;
    Ok(id)
}

/// Forgets a text that stands in nothing any more.
pub(super) fn forget_text(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    let sql = "SELECT EXISTS (SELECT 1 FROM identities WHERE words = ?1) OR EXISTS (SELECT 1 FROM sessions WHERE words = ?1)";
    if connection.prepare_cached(sql)?.query_row([id], |row| row.get(0))? {
        return Ok(());
    }
    let sql = "INSERT INTO words_index (words_index, rowid, text) SELECT 'delete', id, text FROM words WHERE id = ?1";
    connection.prepare_cached(sql)?.execute([id])?;
    connection.prepare_cached("DELETE FROM words WHERE id = ?1")?.execute([id]).map(|_| ())
}
