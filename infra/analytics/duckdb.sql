-- What people ask, over records/ and lines/ of a folder or a bucket, for who uses DuckDB (rollcall ask needs none). Before it:
--   SET TimeZone = 'UTC'; (times without a zone are in UTC)
--   SET VARIABLE archive = './archive'; (or 's3://BUCKET')
-- One line is one attendance record, event or registration as Graph sent it, with the ids of what it belongs to. Whatever one
-- holds, a question answers: a value that is not what it must be is NULL. A folder that is not there has no lines. The same
-- views are in infra/template.yaml, for Athena.

-- A line as JSON. Half an emoji (\ud83d without its other half) is no text, and no JSON to DuckDB: it becomes \\ud83d. The
-- first group stays as it is: other escapes, and whole emoji.
CREATE OR REPLACE MACRO readable(line) AS TRY_CAST(regexp_replace(line,
  '(\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|((\\)u[dD][89a-fA-F][0-9a-fA-F]{2})', '\1\3\2', 'g') AS JSON);

-- Anything else than a text, an empty one, or one with half an emoji, is none.
CREATE OR REPLACE MACRO text_or_null(value) AS
  CASE WHEN json_type(value) = 'VARCHAR' AND NOT regexp_matches(value ->> '$', '\\u[dD][89a-fA-F][0-9a-fA-F]{2}') THEN nullif(value ->> '$', '') END;

-- The text at a path of a JSON value.
CREATE OR REPLACE MACRO text_at(value, path) AS text_or_null(json_extract(value, path));

-- What has no time has one in the year 1. A time without a zone is in UTC.
CREATE OR REPLACE MACRO time_or_null(value) AS
  CASE WHEN TRY_CAST(value AS TIMESTAMPTZ) >= TIMESTAMPTZ '0002-01-01 00:00:00Z' THEN TRY_CAST(value AS TIMESTAMPTZ) END;

-- When something is planned, as Graph wrote it: a text, or an object with a zone beside it. None in the year 1.
CREATE OR REPLACE MACRO planned(event, path) AS
  CASE WHEN NOT starts_with(coalesce(text_at(event, path), text_at(event, path || '.dateTime')), '0001-')
    THEN coalesce(text_at(event, path), text_at(event, path || '.dateTime')) END;

-- The zone beside it. It may be the name of none.
CREATE OR REPLACE MACRO zone(event, path) AS text_at(event, path || '.timeZone');

-- The meetings, webinars and town halls, and the sessions of those, one a row. A time that Graph gave without a zone has none here.
CREATE OR REPLACE VIEW events AS
WITH lines AS (
  SELECT unnest(string_split(content, chr(10))) AS line FROM read_text(getvariable('archive') || '/lines/events/**/*.jsonl')
), read AS (
  SELECT unnest(json_transform(readable(line), '{
    "kind": "VARCHAR", "source": "VARCHAR", "organizerId": "VARCHAR", "meetingId": "VARCHAR", "eventId": "VARCHAR",
    "sessionId": "VARCHAR", "event": "JSON"
  }')) FROM lines WHERE line <> ''
), named AS (
  SELECT *, coalesce(text_at(event, '$.subject'), text_at(event, '$.displayName')) AS name FROM read
)
SELECT
  kind, coalesce(meetingId, eventId) AS eventId, sessionId,
  -- A channel's meeting is called None, in the year 1.
  CASE WHEN trim(name) <> '' AND NOT (name = 'None' AND starts_with(coalesce(text_at(event, '$.startDateTime'), ''), '0001-')) THEN name END AS title,
  coalesce(organizerId, text_at(event, '$.createdBy.user.id'), text_at(event, '$.participants.organizer.identity.user.id')) AS organizerId,
  text_at(event, '$.participants.organizer.upn') AS organizerUpn,
  coalesce(text_at(event, '$.createdBy.user.displayName'),
    text_at(event, '$.participants.organizer.identity.user.displayName')) AS organizerName,
  planned(event, '$.startDateTime') AS plannedStart, planned(event, '$.endDateTime') AS plannedEnd,
  -- Both, where they are not the same.
  nullif(concat_ws(' / ', zone(event, '$.startDateTime'), nullif(zone(event, '$.endDateTime'), zone(event, '$.startDateTime'))), '') AS plannedZone,
  source
FROM named
QUALIFY row_number() OVER (PARTITION BY kind, lower(coalesce(meetingId, eventId)), lower(sessionId) ORDER BY source, event::VARCHAR) = 1;

-- The registrations, each once, as it was last: with the latest of its times. Listed: it stood in
-- Graph's list, and was not only read by its id.
CREATE OR REPLACE VIEW registrations AS
WITH lines AS (
  SELECT unnest(string_split(content, chr(10))) AS line FROM read_text(getvariable('archive') || '/lines/registrations/**/*.jsonl')
), read AS (
  SELECT line, unnest(json_transform(readable(line), '{
    "kind": "VARCHAR", "eventId": "VARCHAR", "isListed": "BOOLEAN", "registration": "JSON"
  }')) FROM lines WHERE line <> ''
), timed AS (
  SELECT *, text_at(registration, '$.id') AS registrationId,
    time_or_null(text_at(registration, '$.registrationDateTime')) AS registeredAt,
    time_or_null(text_at(registration, '$.cancelationDateTime')) AS canceledAt
  FROM read
)
SELECT
  kind, eventId, registrationId, text_at(registration, '$.userId') AS personId,
  text_at(registration, '$.firstName') AS firstName, text_at(registration, '$.lastName') AS lastName,
  text_at(registration, '$.email') AS email, text_at(registration, '$.status') AS status, registeredAt, canceledAt,
  text_at(registration, '$.externalRegistrationInformation.registrationId') AS externalRegistrationId,
  text_at(registration, '$.externalRegistrationInformation.referrer') AS referrer,
  bool_or(isListed) OVER same AS isListed
FROM timed
  -- What has no id is a registration of its own.
WINDOW same AS (PARTITION BY kind, lower(eventId), coalesce(lower(registrationId), line))
QUALIFY row_number() OVER (
  PARTITION BY kind, lower(eventId), coalesce(lower(registrationId), line)
  ORDER BY greatest(registeredAt, canceledAt) DESC NULLS LAST, isListed DESC, line) = 1;

-- The attendance records, one a row, with what is known of their event.
CREATE OR REPLACE VIEW attendance AS
WITH lines AS (
  SELECT filename, unnest(string_split(content, chr(10))) AS line FROM read_text(getvariable('archive') || '/records/**/*.jsonl')
), read AS (
  SELECT regexp_extract(filename, 'date=([0-9]{4}-[0-9]{2}-[0-9]{2})', 1) AS day, unnest(json_transform(readable(line), '{
    "reportId": "VARCHAR", "kind": "VARCHAR", "organizerId": "VARCHAR", "meetingId": "VARCHAR", "eventId": "VARCHAR",
    "sessionId": "VARCHAR", "meetingStartDateTime": "JSON", "meetingEndDateTime": "JSON",
    "attendanceRecord": {"id": "JSON", "emailAddress": "JSON", "role": "JSON", "totalAttendanceInSeconds": "BIGINT", "registrationId": "JSON",
      "identity": {"displayName": "JSON", "id": "JSON", "tenantId": "JSON"}, "externalRegistrationInformation": {"registrationId": "JSON"},
      "attendanceIntervals": [{"joinDateTime": "JSON", "leaveDateTime": "JSON"}]}
  }')) FROM lines WHERE line <> ''
), texts AS (
  SELECT
    day, reportId, kind, organizerId, coalesce(meetingId, eventId) AS eventId, sessionId,
    text_or_null(meetingStartDateTime) AS startsAtText, text_or_null(meetingEndDateTime) AS endsAtText,
    text_or_null(attendanceRecord.id) AS recordId, text_or_null(attendanceRecord.identity.displayName) AS person,
    text_or_null(attendanceRecord.emailAddress) AS email, text_or_null(attendanceRecord.identity.id) AS personId,
    text_or_null(attendanceRecord.identity.tenantId) AS personTenantId, text_or_null(attendanceRecord.role) AS role,
    attendanceRecord.totalAttendanceInSeconds AS seconds, text_or_null(attendanceRecord.registrationId) AS registrationId,
    text_or_null(attendanceRecord.externalRegistrationInformation.registrationId) AS externalRegistrationId,
    [text_or_null(i.joinDateTime) FOR i IN attendanceRecord.attendanceIntervals] AS joins,
    [text_or_null(i.leaveDateTime) FOR i IN attendanceRecord.attendanceIntervals] AS leaves
  FROM read
), times AS (
  SELECT *, time_or_null(startsAtText) AS startsAt, time_or_null(endsAtText) AS endsAt,
    list_min([time_or_null(t) FOR t IN joins]) AS joinedAt, list_max([time_or_null(t) FOR t IN leaves]) AS leftAt
  FROM texts
), of_events AS (
  SELECT lower(eventId) AS id, events.* FROM events WHERE sessionId IS NULL
), of_sessions AS (
  SELECT lower(eventId) AS id, lower(sessionId) AS session, coalesce(plannedStart, plannedEnd) IS NOT NULL AS isPlanned, events.*
  FROM events WHERE sessionId IS NOT NULL
)
SELECT
  t.day, t.reportId, t.recordId, t.kind, t.eventId AS series, t.eventId, t.sessionId, e.title, s.title AS sessionTitle,
  coalesce(t.organizerId, e.organizerId, s.organizerId) AS organizerId, coalesce(e.organizerUpn, s.organizerUpn) AS organizerUpn,
  -- Graph names no meeting's organizer, but a record does.
  coalesce(e.organizerName, s.organizerName,
    min(CASE WHEN t.role = 'Organizer' THEN t.person END) OVER (PARTITION BY t.day, t.kind, t.reportId)) AS organizerName,
  -- The session's, or the event's.
  CASE WHEN s.isPlanned THEN s.plannedStart ELSE e.plannedStart END AS plannedStart,
  CASE WHEN s.isPlanned THEN s.plannedEnd ELSE e.plannedEnd END AS plannedEnd,
  CASE WHEN s.isPlanned THEN s.plannedZone ELSE e.plannedZone END AS plannedZone,
  t.startsAt, t.endsAt, t.person, t.email, t.personId, t.personTenantId, t.role, t.seconds, t.registrationId,
  t.externalRegistrationId, t.joinedAt, t.leftAt,
  -- As Graph wrote them, to the last of their digits.
  t.startsAtText, t.endsAtText, [j FOR j IN t.joins IF time_or_null(j) = t.joinedAt][1] AS joinedAtText,
  [l FOR l IN t.leaves IF time_or_null(l) = t.leftAt][1] AS leftAtText
FROM times t
LEFT JOIN of_events e ON e.kind = t.kind AND e.id = lower(t.eventId)
LEFT JOIN of_sessions s ON s.kind = t.kind AND s.id = lower(t.eventId) AND s.session = lower(t.sessionId);

-- who-attended: who attended what, and how long
SELECT startsAt, kind, coalesce(title, sessionTitle) AS title, eventId, person, email, round(seconds / 60.0, 1) AS minutes
FROM attendance ORDER BY startsAt, eventId, person;

-- per-meeting: attendance of each session
SELECT startsAt, kind, coalesce(title, sessionTitle) AS title, coalesce(organizerName, organizerUpn, organizerId) AS organizer, eventId,
  count(*) AS people, round(avg(seconds) / 60.0, 1) AS average_minutes
FROM attendance GROUP BY ALL ORDER BY startsAt;

-- per-person: how much each person attended
SELECT coalesce(email, person, personId) AS who, count(DISTINCT reportId) AS sessions, round(sum(seconds) / 60.0, 1) AS minutes
FROM attendance GROUP BY ALL ORDER BY minutes DESC;

-- late-joiners: who came more than five minutes after the beginning
SELECT startsAt, coalesce(title, sessionTitle) AS title, eventId, person, round(epoch(joinedAt - startsAt) / 60.0, 1) AS minutes_late
FROM attendance WHERE joinedAt > startsAt + INTERVAL 5 MINUTE ORDER BY startsAt, minutes_late DESC;

-- early-leavers: who left more than five minutes before the end
SELECT startsAt, coalesce(title, sessionTitle) AS title, eventId, person, round(epoch(endsAt - leftAt) / 60.0, 1) AS minutes_early
FROM attendance WHERE leftAt < endsAt - INTERVAL 5 MINUTE ORDER BY startsAt, minutes_early DESC;

-- events: what was planned, by whom
SELECT kind, title, plannedStart, plannedEnd, plannedZone, coalesce(organizerName, organizerUpn, organizerId) AS organizer, eventId, sessionId
FROM events ORDER BY plannedStart, eventId, sessionId NULLS FIRST;

-- registrations: who registered for what, and how it stands
SELECT e.title, r.eventId, concat_ws(' ', r.firstName, r.lastName) AS person, r.email, r.status, r.registeredAt, r.canceledAt
FROM registrations r LEFT JOIN events e ON e.kind = r.kind AND lower(e.eventId) = lower(r.eventId) AND e.sessionId IS NULL
ORDER BY r.eventId, r.registeredAt, r.email;

-- no-shows: who registered, and is in no report of the event
WITH keyed AS (
  SELECT kind, lower(eventId) AS event, eventId, startsAt, coalesce(title, sessionTitle) AS title, seconds,
    -- What a record and a registration have in common.
    unnest(['id ' || lower(registrationId), 'external ' || externalRegistrationId, 'email ' || lower(nullif(trim(email), ''))]) AS key
  FROM attendance WHERE kind <> 'meeting'
), reported AS (
  SELECT kind, event, min(eventId) AS eventId, min(startsAt) AS startsAt, min(title) AS title FROM keyed GROUP BY kind, event
), recorded AS (
  SELECT kind, event, key, max(seconds) AS seconds, bool_or(seconds IS NULL) AS isUntimed FROM keyed GROUP BY kind, event, key
), registered AS (
  SELECT kind, lower(eventId) AS event, concat_ws(' ', firstName, lastName) AS person, email,
    row_number() OVER (ORDER BY eventId, registrationId, email, firstName, lastName) AS number,
    unnest(['id ' || lower(registrationId), 'external ' || externalRegistrationId, 'email ' || lower(nullif(trim(email), ''))]) AS key
  FROM registrations WHERE status = 'registered'
), absent AS (
  SELECT d.kind, d.event, min(d.person) AS person, min(d.email) AS email,
    CASE WHEN count(d.key) = 0 THEN 'the registration has no id and no address'
      WHEN bool_or(r.isUntimed) THEN 'a record names this person without a time' END AS note
  FROM registered d LEFT JOIN recorded r ON r.kind = d.kind AND r.event = d.event AND r.key = d.key
  GROUP BY d.kind, d.event, d.number HAVING coalesce(max(r.seconds), 0) <= 0
), seen AS (
  SELECT kind, lower(eventId) AS event, bool_or(isListed) AS isListed FROM registrations GROUP BY kind, lower(eventId)
), noted AS (
  SELECT p.kind, p.event, NULL AS person, NULL AS email,
    CASE WHEN s.event IS NULL THEN 'registrations were not seen' ELSE 'registrations were not listed: there may be more' END AS note
  FROM reported p LEFT JOIN seen s ON s.kind = p.kind AND s.event = p.event
  WHERE (p.kind = 'webinar' AND s.event IS NULL) OR NOT s.isListed
)
SELECT p.startsAt, p.title, p.eventId, n.person, n.email, n.note
FROM (SELECT * FROM absent UNION ALL SELECT * FROM noted) n JOIN reported p ON p.kind = n.kind AND p.event = n.event
ORDER BY p.startsAt, p.eventId, n.person, n.email;
