SELECT kind, title, plannedStart, plannedEnd, plannedZone, coalesce(organizerName, organizerUpn, organizerId) AS organizer, eventId, sessionId
FROM events ORDER BY plannedStart, eventId, sessionId NULLS FIRST;
