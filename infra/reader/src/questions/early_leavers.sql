SELECT startsAt, coalesce(title, sessionTitle) AS title, eventId, person, round((endsAtMs - leftAtMs) / 60000.0, 1) AS minutes_early
FROM attendance WHERE leftAtMs < endsAtMs - 5 * 60000 ORDER BY startsAt, minutes_early DESC, person;
