-- What people ask, over the records/ of a folder or a bucket. Before it:
--   SET VARIABLE archive = './archive' (or 's3://BUCKET')
-- One line of records/ is one attendance record, with the ids and times of its report.

CREATE OR REPLACE VIEW attendance AS
SELECT
  reportId, kind, organizerId, coalesce(meetingId, eventId) AS eventId, sessionId,
  meetingStartDateTime AS startsAt, meetingEndDateTime AS endsAt,
  attendanceRecord.identity.displayName AS person, attendanceRecord.emailAddress AS email, attendanceRecord.role AS role,
  attendanceRecord.totalAttendanceInSeconds AS seconds, attendanceRecord.registrationId AS registrationId,
  list_min([i.joinDateTime FOR i IN attendanceRecord.attendanceIntervals]) AS joinedAt,
  list_max([i.leaveDateTime FOR i IN attendanceRecord.attendanceIntervals]) AS leftAt
FROM read_json(getvariable('archive') || '/records/**/*.jsonl', format = 'newline_delimited', columns = {
  reportId: 'VARCHAR', kind: 'VARCHAR', organizerId: 'VARCHAR', meetingId: 'VARCHAR', eventId: 'VARCHAR', sessionId: 'VARCHAR',
  meetingStartDateTime: 'TIMESTAMPTZ', meetingEndDateTime: 'TIMESTAMPTZ',
  attendanceRecord: 'STRUCT(emailAddress VARCHAR, role VARCHAR, totalAttendanceInSeconds BIGINT, registrationId VARCHAR,
    identity STRUCT(displayName VARCHAR, id VARCHAR),
    attendanceIntervals STRUCT(joinDateTime TIMESTAMPTZ, leaveDateTime TIMESTAMPTZ, durationInSeconds BIGINT)[])'
});

-- who-attended: who attended what, and how long
SELECT startsAt, kind, eventId, person, email, round(seconds / 60.0, 1) AS minutes
FROM attendance ORDER BY startsAt, eventId, person;

-- per-meeting: attendance of each session
SELECT startsAt, kind, eventId, count(*) AS people, round(avg(seconds) / 60.0, 1) AS average_minutes
FROM attendance GROUP BY ALL ORDER BY startsAt;

-- per-person: how much each person attended
SELECT coalesce(email, person) AS who, count(DISTINCT reportId) AS sessions, round(sum(seconds) / 60.0, 1) AS minutes
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
