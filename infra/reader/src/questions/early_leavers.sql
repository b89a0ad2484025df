SELECT startsAt, coalesce(title, sessionTitle) AS title, eventId, person, round((unixepoch(endsAt, 'subsec') - unixepoch(leftAt, 'subsec')) / 60.0, 1) AS minutes_early
FROM attendance WHERE unixepoch(leftAt, 'subsec') < unixepoch(endsAt, 'subsec') - 300 ORDER BY startsAt, minutes_early DESC, person;
