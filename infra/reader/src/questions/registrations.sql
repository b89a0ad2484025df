SELECT e.title, r.eventId, nullif(trim(coalesce(r.firstName, '') || ' ' || coalesce(r.lastName, '')), '') AS person, r.email, r.status,
  r.registeredAt, r.canceledAt
FROM registrations r LEFT JOIN events e ON e.kind = r.kind AND lower(e.eventId) = lower(r.eventId) AND e.sessionId IS NULL
ORDER BY r.eventId, r.registeredAt, r.email;
