SELECT startsAt, coalesce(title, sessionTitle) AS title, eventId, person, round((joinedAtMs - startsAtMs) / 60000.0, 1) AS minutes_late
FROM attendance WHERE joinedAtMs > startsAtMs + 5 * 60000 ORDER BY startsAt, minutes_late DESC, person;
