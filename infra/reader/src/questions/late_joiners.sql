SELECT startsAt, coalesce(title, sessionTitle) AS title, eventId, person, round((unixepoch(joinedAt, 'subsec') - unixepoch(startsAt, 'subsec')) / 60.0, 1) AS minutes_late
FROM attendance WHERE unixepoch(joinedAt, 'subsec') > unixepoch(startsAt, 'subsec') + 300 ORDER BY startsAt, minutes_late DESC, person;
