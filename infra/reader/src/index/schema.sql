-- The index of an archive, for any tool that opens SQLite. It is derived: delete it, and it is built anew.
-- Times are nanoseconds since 1970 in UTC, unless a column's name ends with _text: that is as Graph wrote it. A text is as
-- people see it; where it holds half an emoji, the JSON literal that Graph sent stands in the column …_literal.

-- The objects of the archive that are indexed, and the version in which they were read.
CREATE TABLE objects (key TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID;

-- The objects that could not be read, and why.
CREATE TABLE unreadable (key TEXT PRIMARY KEY, why TEXT NOT NULL) WITHOUT ROWID;

-- The attendance reports, by the key of their object. `series` is the id of the meeting, webinar or town hall, GUIDs in small
-- letters. `session` is the one that the report is a part of. `records` counts those of people who were erased, too: `erased` of them.
CREATE TABLE reports (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, series TEXT NOT NULL, is_channel INTEGER NOT NULL,
  report_id TEXT NOT NULL, source TEXT NOT NULL, event_id TEXT NOT NULL, session_id TEXT, organizer_id TEXT, tenant_id TEXT NOT NULL,
  day TEXT NOT NULL, starts_at INTEGER, ends_at INTEGER, starts_text TEXT, ends_text TEXT, participants INTEGER,
  records INTEGER NOT NULL, erased INTEGER NOT NULL, sha256 TEXT, fetched_at INTEGER, request_id TEXT, api TEXT, pages INTEGER, cause TEXT, session INTEGER
);
CREATE INDEX reports_of_series ON reports (kind, series, starts_at);
CREATE INDEX reports_of_session ON reports (session);
CREATE INDEX reports_of_day ON reports (day, records, participants);
CREATE INDEX reports_by_id ON reports (report_id COLLATE NOCASE);
CREATE INDEX reports_by_source ON reports (source, starts_at);

-- The attendance records of a report, in Graph's order. `record_id` is NULL where it is the identity's id, and empty where there
-- is none. `intervals` is a JSON list of [join, leave, seconds], texts as Graph wrote them; NULL where Graph sent none at all.
-- `joined_in` and `left_in` are the places in that list of the first join and the last leave.
CREATE TABLE records (
  report INTEGER NOT NULL, place INTEGER NOT NULL, identity INTEGER NOT NULL, record_id TEXT, registration_id TEXT,
  external_registration_id TEXT, role TEXT, seconds INTEGER, joined_at INTEGER, left_at INTEGER, joined_in INTEGER, left_in INTEGER,
  intervals TEXT, PRIMARY KEY (report, place)
) WITHOUT ROWID;
CREATE INDEX records_of_identity ON records (identity, report);

-- By which name, address and identity records name somebody, each combination once.
CREATE TABLE identities (
  id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, person INTEGER NOT NULL, name TEXT, name_literal TEXT, address TEXT,
  address_literal TEXT, identity_id TEXT, identity_kind TEXT NOT NULL, tenant_id TEXT, words INTEGER NOT NULL
);
CREATE INDEX identities_of_person ON identities (person);
CREATE INDEX identities_with_words ON identities (words);

-- The people, by their keys. `root` is the person that this one turned out to be: itself, or who has the address. A root has the
-- name and address that were seen last, in how many sessions, and when the last one began.
CREATE TABLE people (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, root INTEGER, name TEXT, name_literal TEXT, address TEXT,
  address_literal TEXT, sessions INTEGER NOT NULL DEFAULT 0, last_at INTEGER
);
CREATE INDEX people_of_root ON people (root);
CREATE INDEX people_of_kind ON people (kind) WHERE kind IN ('address', 'registrant');
CREATE INDEX people_by_name ON people (name COLLATE NOCASE, id) WHERE sessions > 0;

-- The addresses of users and guests, in small letters.
CREATE TABLE addresses (address TEXT NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (address, person)) WITHOUT ROWID;
CREATE INDEX addresses_of_person ON addresses (person);

-- What is searched, each text once: names and addresses of identities, titles and organizers of sessions, in small letters (NFKC). And an index of all parts of three letters.
CREATE TABLE words (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE words_index USING fts5 (text, content = 'words', content_rowid = 'id', tokenize = 'trigram case_sensitive 1');
-- What is deleted is gone from its pages at once.
INSERT INTO words_index (words_index, rank) VALUES ('secure-delete', 1);

-- The sessions: one report or several. `title` is the session's, with that of its series where it has one of its own. `people` are counted by their keys, `mean_seconds` is of Graph's sums, `curve` a JSON list of
-- the most people at once in each of 40 equal parts. `words` is the text of title and organizer.
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, series TEXT NOT NULL, channel_title TEXT, title TEXT,
  title_literal TEXT, organizer_id TEXT, organizer_name TEXT, organizer_name_literal TEXT, organizer_address TEXT,
  organizer_address_literal TEXT, starts_at INTEGER, ends_at INTEGER, people INTEGER NOT NULL, participants INTEGER,
  planned_start INTEGER, planned_end INTEGER, mean_seconds INTEGER, curve TEXT NOT NULL, parts INTEGER NOT NULL, is_short INTEGER NOT NULL, words INTEGER NOT NULL,
  title_order TEXT NOT NULL, organizer_order TEXT NOT NULL, series_title TEXT, series_title_literal TEXT
);
CREATE INDEX sessions_of_series ON sessions (kind, series, starts_at);
CREATE INDEX sessions_with_words ON sessions (words);
CREATE INDEX sessions_by_start ON sessions (starts_at, id);
CREATE INDEX sessions_by_title ON sessions (title_order, id);
CREATE INDEX sessions_by_organizer ON sessions (organizer_order, id);
CREATE INDEX sessions_by_people ON sessions (people, id);
CREATE INDEX sessions_by_minutes ON sessions (mean_seconds, id);

-- The identities in a session, once each, in order: four bytes a number, the lowest first. Who is searched by a word that many have is found so.
CREATE TABLE session_identities (session INTEGER PRIMARY KEY, identities BLOB NOT NULL);

-- What Graph says of meetings, webinars and town halls, and of the sessions of those (`session_id`, else empty). `join_url` is decoded,
-- and ends before its question mark; `join_number` is what people type to join.
CREATE TABLE event_entries (
  key TEXT PRIMARY KEY, kind TEXT NOT NULL, series TEXT NOT NULL, session_id TEXT NOT NULL, event_id TEXT NOT NULL, source TEXT NOT NULL,
  title TEXT, title_literal TEXT, organizer_id TEXT, organizer_name TEXT, organizer_name_literal TEXT, organizer_address TEXT,
  organizer_address_literal TEXT, planned_start_text TEXT, planned_end_text TEXT, planned_zone TEXT, planned_start INTEGER,
  planned_end INTEGER, join_url TEXT, join_number TEXT
) WITHOUT ROWID;
CREATE INDEX events_of_series ON event_entries (kind, series, session_id, source);
CREATE INDEX events_by_url ON event_entries (join_url) WHERE join_url IS NOT NULL;
CREATE INDEX events_by_number ON event_entries (join_number) WHERE join_number IS NOT NULL;

-- The registrations, one for each place in which one stands: the list of all of an event, or an object of its own.
CREATE TABLE registration_entries (
  object TEXT NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL, series TEXT NOT NULL, event_id TEXT NOT NULL, registration_id TEXT,
  user_id TEXT, first_name TEXT, first_name_literal TEXT, last_name TEXT, last_name_literal TEXT, address TEXT, address_literal TEXT,
  status TEXT, registered_at INTEGER, canceled_at INTEGER, external_registration_id TEXT, referrer TEXT, is_listed INTEGER NOT NULL,
  PRIMARY KEY (object, place)
) WITHOUT ROWID;
CREATE INDEX registrations_of_series ON registration_entries (kind, series, registration_id);

-- The ledgers, by the key of the object with their summary, and the time that each covers.
CREATE TABLE ledgers (
  key TEXT PRIMARY KEY, since_at INTEGER NOT NULL, until_at INTEGER NOT NULL, is_complete INTEGER NOT NULL
) WITHOUT ROWID;

-- What the latest ledger that has it says of a report, a session (`item`: its id) or a source (`item` is empty). Open is what the
-- archive has not by now, and no later ledger settles.
CREATE TABLE ledger_entries (
  source TEXT NOT NULL, item TEXT NOT NULL, ledger TEXT NOT NULL, since_at INTEGER NOT NULL, until_at INTEGER NOT NULL,
  state TEXT NOT NULL, kind TEXT, series TEXT, report_id TEXT, session_id TEXT, title TEXT, title_literal TEXT, starts_at INTEGER,
  outcome TEXT, remedy TEXT, is_open INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (source, item)
) WITHOUT ROWID;
CREATE INDEX ledger_entries_open ON ledger_entries (starts_at) WHERE is_open;

-- The objects that name the last ledger of a schedule.
CREATE TABLE schedules (key TEXT PRIMARY KEY, ledger TEXT NOT NULL) WITHOUT ROWID;

-- What is still to be derived: the series whose sessions, and the people whose sums are of before.
CREATE TABLE stale_series (kind TEXT NOT NULL, series TEXT NOT NULL, PRIMARY KEY (kind, series)) WITHOUT ROWID;
CREATE TABLE stale_people (person INTEGER PRIMARY KEY);

-- One row: when the archive was last listed to its end.
CREATE TABLE state (as_of INTEGER);
INSERT INTO state VALUES (NULL);
