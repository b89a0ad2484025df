//! The rows of identities and people, each once.

use rusqlite::{OptionalExtension, params};

use super::Writer;
use crate::index::archived::{Record, columns};
use crate::index::refresh::searched::text_id;
use crate::model::IdentityKind;
use crate::people::comparable_address;

/// How many identities are remembered, so that they need not be looked up.
const IDENTITIES: usize = 100_000;

impl Writer {
    /// The number of a record's identity, which is added where it is new. Its person has sums of before.
    pub(super) fn identity(&mut self, record: &Record) -> rusqlite::Result<i64> {
        let known = match self.identities.get(&record.digest) {
            Some(known) => Some(*known),
            None => self
                .connection
                .prepare_cached("SELECT id, person FROM identities WHERE digest = ?1")?
                .query_row([&record.digest], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?,
        };
        let (identity, person) = match known {
            Some(known) => known,
            None => self.add_identity(record)?,
        };
        if self.identities.len() >= IDENTITIES {
            self.identities.clear();
        }
        if self.identities.insert(record.digest.clone(), (identity, person)).is_none() {
            self.execute("INSERT OR IGNORE INTO stale_people (person) VALUES (?1)", [person])?;
        }
        Ok(identity)
    }

    fn add_identity(&mut self, record: &Record) -> rusqlite::Result<(i64, i64)> {
        let (person, words) = (
            self.person(&record.person, record.person_kind)?,
            text_id(&self.connection, &record.identity.words())?,
        );
        let id = self.next_identity;
        self.next_identity += 1;
        let identity = &record.identity;
        let (name, address) = (columns(identity.name.as_ref()), columns(identity.address.as_ref()));
        self.execute(
            "INSERT INTO identities (id, digest, person, name, name_literal, address, address_literal, \
             identity_id, identity_kind, tenant_id, words) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, \
             ?10, ?11)",
            params![
                id,
                record.digest,
                person,
                name.0,
                name.1,
                address.0,
                address.1,
                identity.identity_id,
                identity_name(identity.kind),
                identity.tenant_id,
                words,
            ],
        )?;
        if record.person_kind == "user"
            && let Some(address) = address.0.and_then(comparable_address)
        {
            self.execute(
                "INSERT OR IGNORE INTO addresses (address, person) VALUES (?1, ?2)",
                params![address, person],
            )?;
            self.execute(
                "INSERT OR IGNORE INTO stale_people SELECT id FROM people WHERE key = 'mail:' || ?1",
                [address],
            )?;
        }
        Ok((id, person))
    }

    /// The number of the person with a key, who is added where there is none.
    fn person(&mut self, key: &str, kind: &str) -> rusqlite::Result<i64> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM people WHERE key = ?1")?;
        if let Some(id) = statement.query_row([key], |row| row.get(0)).optional()? {
            return Ok(id);
        }
        let id = self.next_person;
        self.execute(
            "INSERT INTO people (id, key, kind, root) VALUES (?1, ?2, ?3, ?1)",
            params![id, key, kind],
        )?;
        self.next_person += 1;
        Ok(id)
    }
}

/// An identity's kind as the index has it.
fn identity_name(identity: IdentityKind) -> &'static str {
    match identity {
        IdentityKind::User => "user",
        IdentityKind::Phone => "phone",
        IdentityKind::Anonymous => "anonymous",
        IdentityKind::None => "",
    }
}
