SELECT coalesce(email, person, personId) AS who, count(DISTINCT reportId) AS sessions, round(sum(seconds) / 60.0, 1) AS minutes
FROM attendance GROUP BY 1 ORDER BY minutes DESC, who;
