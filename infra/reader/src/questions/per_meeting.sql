SELECT startsAt, kind, coalesce(title, sessionTitle) AS title, coalesce(organizerName, organizerUpn, organizerId) AS organizer, eventId,
  count(*) AS people, round(avg(seconds) / 60.0, 1) AS average_minutes
FROM attendance GROUP BY 1, 2, 3, 4, 5 ORDER BY startsAt, eventId;
