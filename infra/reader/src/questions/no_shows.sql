WITH keyed AS (
  -- What a record and a registration have in common.
  SELECT kind, lower(eventId) AS event, eventId, startsAt, coalesce(title, sessionTitle) AS title, seconds, 'id ' || lower(registrationId) AS key
  FROM attendance WHERE kind <> 'meeting'
  UNION ALL
  SELECT kind, lower(eventId), eventId, startsAt, coalesce(title, sessionTitle), seconds, 'external ' || externalRegistrationId
  FROM attendance WHERE kind <> 'meeting'
  UNION ALL
  SELECT kind, lower(eventId), eventId, startsAt, coalesce(title, sessionTitle), seconds, 'email ' || lower(nullif(trim(email), ''))
  FROM attendance WHERE kind <> 'meeting'
), reported AS (
  SELECT kind, event, min(eventId) AS eventId, min(startsAt) AS startsAt, min(title) AS title FROM keyed GROUP BY kind, event
), recorded AS (
  SELECT kind, event, key, max(seconds) AS seconds, max(seconds IS NULL) AS isUntimed FROM keyed WHERE key IS NOT NULL GROUP BY kind, event, key
), registered AS (
  SELECT kind, lower(eventId) AS event, trim(coalesce(firstName, '') || ' ' || coalesce(lastName, '')) AS person, email, registrationId,
    externalRegistrationId, row_number() OVER (ORDER BY eventId, registrationId, email, firstName, lastName) AS number
  FROM registrations WHERE status = 'registered'
), named AS (
  SELECT kind, event, person, email, number, 'id ' || lower(registrationId) AS key FROM registered
  UNION ALL
  SELECT kind, event, person, email, number, 'external ' || externalRegistrationId FROM registered
  UNION ALL
  SELECT kind, event, person, email, number, 'email ' || lower(nullif(trim(email), '')) FROM registered
), absent AS (
  SELECT d.kind, d.event, min(d.person) AS person, min(d.email) AS email,
    CASE WHEN count(d.key) = 0 THEN 'the registration has no id and no address'
      WHEN max(r.isUntimed) THEN 'a record names this person without a time' END AS note
  FROM named d LEFT JOIN recorded r ON r.kind = d.kind AND r.event = d.event AND r.key = d.key
  GROUP BY d.kind, d.event, d.number HAVING coalesce(max(r.seconds), 0) <= 0
), seen AS (
  SELECT kind, lower(eventId) AS event, max(isListed) AS isListed FROM registrations GROUP BY kind, lower(eventId)
), noted AS (
  SELECT p.kind, p.event, NULL AS person, NULL AS email,
    CASE WHEN s.event IS NULL THEN 'registrations were not seen' ELSE 'registrations were not listed: there may be more' END AS note
  FROM reported p LEFT JOIN seen s ON s.kind = p.kind AND s.event = p.event
  WHERE (p.kind = 'webinar' AND s.event IS NULL) OR NOT s.isListed
)
SELECT p.startsAt, p.title, p.eventId, n.person, n.email, n.note
FROM (SELECT * FROM absent UNION ALL SELECT * FROM noted) n JOIN reported p ON p.kind = n.kind AND p.event = n.event
ORDER BY p.startsAt, p.eventId, n.person, n.email;
