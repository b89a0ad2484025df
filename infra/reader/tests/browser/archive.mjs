// What an archive's own bytes say, worked out by hand: who was in which session, for how long, in what window. Nothing here
// knows the code that is tested.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;

/** All files below a folder, by their paths. */
export function filesBelow(folder) {
  const found = [];
  const walk = (at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else found.push(path);
    }
  };
  walk(folder);
  return found.sort();
}

/** The bytes and times of all files of an archive, as one text for each: what must not change. */
export function fingerprint(folder) {
  return filesBelow(folder).map((path) => {
    const { mtimeNs, size } = statSync(path, { bigint: true });
    return `${relative(folder, path)} ${size} ${mtimeNs} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
  });
}

/** An instant of Graph's in nanoseconds; `null` where the text is none. */
export function instant(text) {
  const parts = typeof text === 'string' && /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!parts) return null;
  const milliseconds = Date.parse(parts[1] + parts[3]);
  return Number.isNaN(milliseconds) ? null : BigInt(milliseconds) * 1_000_000n + BigInt((parts[2] ?? '').padEnd(9, '0'));
}

/** A text as people see it: half a surrogate pair, and what cannot be seen, is out of it. */
export function shown(text) {
  return (text ?? '')
    .toWellFormed()
    .replace(/[\u0000-\u001f\u007f\ufffd\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The archive in a folder. */
export function readArchive(folder) {
  const files = filesBelow(folder).map((path) => relative(folder, path).replaceAll('\\', '/'));
  const json = (path) => {
    try {
      return JSON.parse(readFileSync(join(folder, path), 'utf8'));
    } catch {
      return null;
    }
  };
  const events = new Map();
  for (const path of files.filter((path) => /^events\/.*\.json$/.test(path))) {
    const body = json(path);
    events.set(json(`.rollcall/${path}.json`)?.metadata.source, body?.value?.id ? body.value : body);
  }
  const reports = files.filter((path) => /^reports\/v1\/.*\.json$/.test(path)).flatMap((key) => {
    const report = json(key);
    const metadata = json(`.rollcall/${key}.json`)?.metadata;
    return report && metadata?.source ? [readReport(key, report, metadata, events)] : [];
  });
  const ledger = files
    .filter((path) => /^audits\/.*\.jsonl$/.test(path))
    .flatMap((path) => readFileSync(join(folder, path), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)));
  const sessions = sessionsOf(reports);
  return { folder, files, events, reports, sessions, ledger };
}

const JOINED_WITHIN = 15n * 60n * SECOND;

/** Reports of one meeting or event session that are at most 15 minutes apart, or of one plan, are one session. */
function sessionsOf(reports) {
  const sessions = [];
  const inOrder = [...reports].sort((one, other) => compare(one.source, other.source) || compare(one.span?.[0] ?? 0n, other.span?.[0] ?? 0n));
  for (const report of inOrder) {
    const last = sessions.at(-1);
    const isNear = last?.source === report.source && last.span && report.span && report.span[0] - last.span[1] <= JOINED_WITHIN;
    if (isNear || (last?.source === report.source && last.plan && report.plan && compare(last.plan[0], report.plan[0]) === 0)) {
      last.parts.push(report);
      last.span = [last.span[0], report.span[1] > last.span[1] ? report.span[1] : last.span[1]];
    } else {
      sessions.push({ source: report.source, kind: report.kind, title: report.title, plan: report.plan, span: report.span, parts: [report] });
    }
  }
  return sessions.map((session) => {
    const records = session.parts.flatMap((part) => part.records);
    const window = session.plan ?? session.span ?? timesOf(records);
    return { ...session, key: session.parts[0].key, window, people: peopleOf(records, window) };
  });
}

const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/** From the first join to the last leave of all records; `null` where there is none. */
function timesOf(records) {
  const spans = records.flatMap((record) => record.attendanceIntervals ?? []).map(spanOf).filter(Boolean);
  if (spans.length === 0) return null;
  return [spans.map(([from]) => from).sort(compare)[0], spans.map(([, to]) => to).sort(compare).at(-1)];
}

function readReport(key, report, metadata, events) {
  const { source } = metadata;
  const about = events.get(source);
  const event = /^solutions\/virtualEvents\//.test(source) ? events.get(source.replace(/\/sessions\/.*$/, '')) : about;
  const start = instant(report.meetingStartDateTime);
  const end = instant(report.meetingEndDateTime);
  const span = start !== null && end !== null && start <= end ? [start, end] : null;
  const plan = planOf(source, about, span);
  return {
    key,
    source,
    kind: /kind=(\w+)/.exec(key)[1],
    id: report.id,
    sha256: metadata.sha256,
    title: titleOf(event) ?? titleOf(about),
    span,
    plan,
    participants: report.totalParticipantCount ?? null,
    records: report.attendanceRecords ?? [],
  };
}

function titleOf(event) {
  const title = event?.subject ?? event?.displayName;
  const isOfAChannel = title === 'None' && JSON.stringify(event.startDateTime ?? '').includes('0001-');
  return title?.trim() && !isOfAChannel ? title : null;
}

/** A virtual event session's times, or a meeting's if they overlap the report and last at most 24 hours. */
function planOf(source, about, span) {
  const time = (of) => (typeof of === 'string' ? instant(of) : of?.timeZone === 'UTC' ? instant(`${of.dateTime}Z`) : null);
  const [start, end] = [time(about?.startDateTime), time(about?.endDateTime)];
  if (start === null || end === null || start >= end) return null;
  if (/\/sessions\//.test(source)) return [start, end];
  const fits = span && start < span[1] && span[0] < end && end - start <= DAY;
  return fits ? [start, end] : null;
}

/** A telephone is shown with its last four digits, whatever Graph calls it. */
function nameOf(identity) {
  const isTelephone = /phone/i.test(identity?.['@odata.type'] ?? '') || /^\+\d{7,}$/.test(identity?.id ?? '');
  return isTelephone ? `•••• ${identity.id.slice(-4)}` : identity?.displayName;
}

/** One person a key: an object id, else an address, else the record. */
function peopleOf(records, window) {
  const people = new Map();
  for (const record of records) {
    const id = record.identity?.id;
    const key = /^[0-9a-f-]{36}$/i.test(id ?? '') ? id.toLowerCase() : record.emailAddress?.trim().toLowerCase() || `record ${record.id}`;
    const person = people.get(key) ?? { key, name: '', address: null, role: record.role, spans: [], unclear: 0, graph: null };
    person.name = nameOf(record.identity) || person.name;
    person.address = record.emailAddress || person.address;
    if (record.totalAttendanceInSeconds != null) person.graph = (person.graph ?? 0) + record.totalAttendanceInSeconds;
    for (const interval of record.attendanceIntervals ?? []) {
      const span = spanOf(interval);
      if (span) person.spans.push(span);
      else person.unclear += 1;
    }
    people.set(key, person);
  }
  // Where a report has nobody's times and no sum above zero, names alone were kept: nobody's seconds are known.
  const isNamesOnly = [...people.values()].every(({ spans, unclear, graph }) => spans.length + unclear === 0 && !graph);
  return [...people.values()].map((person) => ({ ...person, seconds: isNamesOnly ? null : secondsOf(person, window) }));
}

function spanOf({ joinDateTime, leaveDateTime, durationInSeconds }) {
  let [join, leave] = [instant(joinDateTime), instant(leaveDateTime)];
  const length = durationInSeconds > 0 ? BigInt(durationInSeconds) * SECOND : null;
  if (join === null && leave !== null && length) join = leave - length;
  if (leave === null && join !== null && length) leave = join + length;
  return join !== null && leave !== null && join <= leave ? [join, leave] : null;
}

function secondsOf({ spans, graph, unclear }, window) {
  if (spans.length > 0) return Number(lengthOf(unionOf(spans, window)) / SECOND);
  if (unclear > 0 && !graph) return null;
  if (graph === null) return null;
  return window ? Math.min(graph, Number((window[1] - window[0]) / SECOND)) : graph;
}

/** The union of times within a window, as times that do not touch. */
export function unionOf(spans, window) {
  const clipped = spans
    .map(([from, to]) => (window ? [from > window[0] ? from : window[0], to < window[1] ? to : window[1]] : [from, to]))
    .filter(([from, to]) => from <= to)
    .sort((one, other) => (one[0] < other[0] ? -1 : 1));
  const union = [];
  for (const [from, to] of clipped) {
    const last = union.at(-1);
    if (last && from <= last[1]) last[1] = to > last[1] ? to : last[1];
    else union.push([from, to]);
  }
  return union;
}

export const lengthOf = (spans) => spans.reduce((sum, [from, to]) => sum + to - from, 0n);
