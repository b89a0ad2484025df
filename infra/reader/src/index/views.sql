-- The views that questions are asked of, with the columns of infra/analytics/duckdb.sql. Times are ISO 8601 in UTC with
-- milliseconds; those whose names end with Text are as Graph wrote them. A text with half an emoji is NULL.

CREATE VIEW events AS
SELECT kind, event_id AS eventId, nullif(session_id, '') AS sessionId, iif(title_literal IS NULL, title, NULL) AS title,
  organizer_id AS organizerId, iif(organizer_address_literal IS NULL, organizer_address, NULL) AS organizerUpn,
  iif(organizer_name_literal IS NULL, organizer_name, NULL) AS organizerName, planned_start_text AS plannedStart,
  planned_end_text AS plannedEnd, planned_zone AS plannedZone, source
FROM event_entries e
WHERE key = (SELECT key FROM event_entries o WHERE (o.kind, o.series, o.session_id) = (e.kind, e.series, e.session_id) ORDER BY source, key LIMIT 1);

CREATE VIEW registrations AS
SELECT kind, event_id AS eventId, registration_id AS registrationId, user_id AS personId,
  iif(first_name_literal IS NULL, first_name, NULL) AS firstName, iif(last_name_literal IS NULL, last_name, NULL) AS lastName,
  iif(address_literal IS NULL, address, NULL) AS email, status,
  strftime('%Y-%m-%dT%H:%M:%fZ', registered_at / 1e9, 'unixepoch') AS registeredAt,
  strftime('%Y-%m-%dT%H:%M:%fZ', canceled_at / 1e9, 'unixepoch') AS canceledAt,
  external_registration_id AS externalRegistrationId, referrer, listed AS isListed
FROM (
  SELECT *, max(is_listed) OVER same AS listed, row_number() OVER (
      PARTITION BY kind, series, coalesce(lower(registration_id), object || '/' || place)
      ORDER BY max(coalesce(registered_at, canceled_at), coalesce(canceled_at, registered_at)) DESC NULLS LAST, is_listed DESC
    ) AS number
  FROM registration_entries
  WINDOW same AS (PARTITION BY kind, series, coalesce(lower(registration_id), object || '/' || place))
) WHERE number = 1;

CREATE VIEW attendance AS
SELECT r.day, r.report_id AS reportId, nullif(coalesce(a.record_id, i.identity_id), '') AS recordId, r.kind, r.event_id AS series,
  r.event_id AS eventId, r.session_id AS sessionId, iif(e.title_literal IS NULL, e.title, NULL) AS title,
  iif(s.title_literal IS NULL, s.title, NULL) AS sessionTitle, n.organizer_id AS organizerId,
  coalesce(e.organizer_address, s.organizer_address) AS organizerUpn,
  iif(n.organizer_name_literal IS NULL, n.organizer_name, NULL) AS organizerName,
  iif(s.planned_start_text IS NULL AND s.planned_end_text IS NULL, e.planned_start_text, s.planned_start_text) AS plannedStart,
  iif(s.planned_start_text IS NULL AND s.planned_end_text IS NULL, e.planned_end_text, s.planned_end_text) AS plannedEnd,
  iif(s.planned_start_text IS NULL AND s.planned_end_text IS NULL, e.planned_zone, s.planned_zone) AS plannedZone,
  strftime('%Y-%m-%dT%H:%M:%fZ', r.starts_at / 1e9, 'unixepoch') AS startsAt,
  strftime('%Y-%m-%dT%H:%M:%fZ', r.ends_at / 1e9, 'unixepoch') AS endsAt,
  iif(i.name_literal IS NULL, i.name, NULL) AS person, iif(i.address_literal IS NULL, i.address, NULL) AS email,
  i.identity_id AS personId, i.tenant_id AS personTenantId, a.role, a.seconds, a.registration_id AS registrationId,
  a.external_registration_id AS externalRegistrationId,
  strftime('%Y-%m-%dT%H:%M:%fZ', a.joined_at / 1e9, 'unixepoch') AS joinedAt,
  strftime('%Y-%m-%dT%H:%M:%fZ', a.left_at / 1e9, 'unixepoch') AS leftAt,
  r.starts_text AS startsAtText, r.ends_text AS endsAtText,
  a.intervals ->> ('$[' || a.joined_in || '][0]') AS joinedAtText, a.intervals ->> ('$[' || a.left_in || '][1]') AS leftAtText
FROM reports r JOIN records a ON a.report = r.id JOIN identities i ON i.id = a.identity
LEFT JOIN sessions n ON n.id = r.session
LEFT JOIN event_entries e ON e.key = (SELECT key FROM event_entries o WHERE o.kind = r.kind AND o.series = r.series AND o.session_id = '' ORDER BY source LIMIT 1)
LEFT JOIN event_entries s ON s.key = (SELECT key FROM event_entries o WHERE o.kind = r.kind AND o.series = r.series AND o.session_id = r.session_id ORDER BY source LIMIT 1);
