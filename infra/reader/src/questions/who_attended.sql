SELECT startsAt, kind, coalesce(title, sessionTitle) AS title, eventId, person, email, round(seconds / 60.0, 1) AS minutes
FROM attendance ORDER BY startsAt, eventId, person;
