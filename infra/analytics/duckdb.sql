-- What people ask, over the records/ of a folder or a bucket. Before it:
--   SET VARIABLE archive = './archive' (or 's3://BUCKET')
-- One line of records/ is one attendance record as Graph sent it, with the ids and times of its report. Whatever a record holds,
-- a question answers: a value that is not what it must be is NULL.

-- A line as JSON. Half an emoji (\ud83d without its other half) is no text, and no JSON to DuckDB: it becomes \\ud83d. The
-- first group stays as it is: other escapes, and whole emoji.
CREATE OR REPLACE MACRO readable(line) AS TRY_CAST(regexp_replace(line,
  '(\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|((\\)u[dD][89a-fA-F][0-9a-fA-F]{2})', '\1\3\2', 'g') AS JSON);

-- Anything else than a text, or one with half an emoji, is none.
CREATE OR REPLACE MACRO text_or_null(value) AS
  CASE WHEN json_type(value) = 'VARCHAR' AND NOT regexp_matches(value ->> '$', '\\u[dD][89a-fA-F][0-9a-fA-F]{2}') THEN value ->> '$' END;

-- What has no time has one in the year 1.
CREATE OR REPLACE MACRO time_or_null(time) AS CASE WHEN time >= TIMESTAMPTZ '0002-01-01 00:00:00Z' THEN time END;

-- The attendance records, one a row.
CREATE OR REPLACE VIEW attendance AS
WITH lines AS (
  SELECT unnest(string_split(content, chr(10))) AS line FROM read_text(getvariable('archive') || '/records/**/*.jsonl')
), read AS (
  SELECT unnest(json_transform(readable(line), '{
    "reportId": "VARCHAR", "kind": "VARCHAR", "organizerId": "VARCHAR", "meetingId": "VARCHAR", "eventId": "VARCHAR",
    "sessionId": "VARCHAR", "meetingStartDateTime": "TIMESTAMPTZ", "meetingEndDateTime": "TIMESTAMPTZ",
    "attendanceRecord": {"emailAddress": "JSON", "role": "JSON", "totalAttendanceInSeconds": "BIGINT", "registrationId": "JSON",
      "identity": {"displayName": "JSON", "id": "JSON"},
      "attendanceIntervals": [{"joinDateTime": "TIMESTAMPTZ", "leaveDateTime": "TIMESTAMPTZ"}]}
  }')) FROM lines WHERE line <> ''
)
SELECT
  reportId, kind, organizerId, coalesce(meetingId, eventId) AS eventId, sessionId,
  time_or_null(meetingStartDateTime) AS startsAt, time_or_null(meetingEndDateTime) AS endsAt,
  text_or_null(attendanceRecord.identity.displayName) AS person, text_or_null(attendanceRecord.emailAddress) AS email,
  text_or_null(attendanceRecord.identity.id) AS personId, text_or_null(attendanceRecord.role) AS role,
  attendanceRecord.totalAttendanceInSeconds AS seconds, text_or_null(attendanceRecord.registrationId) AS registrationId,
  list_min([time_or_null(i.joinDateTime) FOR i IN attendanceRecord.attendanceIntervals]) AS joinedAt,
  list_max([time_or_null(i.leaveDateTime) FOR i IN attendanceRecord.attendanceIntervals]) AS leftAt
FROM read;

-- who-attended: who attended what, and how long
SELECT startsAt, kind, eventId, person, email, round(seconds / 60.0, 1) AS minutes
FROM attendance ORDER BY startsAt, eventId, person;

-- per-meeting: attendance of each session
SELECT startsAt, kind, eventId, count(*) AS people, round(avg(seconds) / 60.0, 1) AS average_minutes
FROM attendance GROUP BY ALL ORDER BY startsAt;

-- per-person: how much each person attended
SELECT coalesce(email, person, personId) AS who, count(DISTINCT reportId) AS sessions, round(sum(seconds) / 60.0, 1) AS minutes
FROM attendance GROUP BY ALL ORDER BY minutes DESC;

-- late-joiners: who came more than five minutes after the beginning
SELECT startsAt, eventId, person, round(epoch(joinedAt - startsAt) / 60.0, 1) AS minutes_late
FROM attendance WHERE joinedAt > startsAt + INTERVAL 5 MINUTE ORDER BY startsAt, minutes_late DESC;

-- early-leavers: who left more than five minutes before the end
SELECT startsAt, eventId, person, round(epoch(endsAt - leftAt) / 60.0, 1) AS minutes_early
FROM attendance WHERE leftAt < endsAt - INTERVAL 5 MINUTE ORDER BY startsAt, minutes_early DESC;

-- no-shows: registrants whom a report lists without any attendance
SELECT startsAt, eventId, person, email
FROM attendance WHERE registrationId IS NOT NULL AND coalesce(seconds, 0) = 0 ORDER BY startsAt, person;
