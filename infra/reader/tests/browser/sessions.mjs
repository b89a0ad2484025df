// Searches and sessions of any archive: who is listed, and for how many minutes, against the archive's own bytes.
import { shown } from './archive.mjs';
import { equal, must } from './harness.mjs';
import { openSite } from './site.mjs';

/** The most sessions that are compared; and the most people of one, since longer tables have several pages. */
const MOST = 30;
const MOST_PEOPLE = 1_000;

const inWords = (seconds) => (seconds === null ? null : Math.floor(seconds / 60));

/** The number in a cell; `null` where it has none. */
export const numberIn = (cell) => {
  const digits = /\d[\d\u202f\u00a0,]*/.exec(cell)?.[0].replace(/[^\d]/g, '');
  return digits ? Number(digits) : null;
};

export async function checkSessions(checks, { base, archive, browser }) {
  const site = await openSite(browser, base);
  await checks.run(1, 'the search for a person lists exactly the sessions with the person', () => searches(site, archive));
  await checks.run(2, "minutes are the union by hand, and Graph's total stands beside them", () => minutes(site, archive));
  await site.close();
}

/** Some people of the archive with an address, and all sessions that hold it. */
async function searches(site, archive) {
  const people = archive.sessions.flatMap(({ people }) => people.slice(0, 3)).filter(({ address }) => /^[\w.]+@[\w.]+$/.test(address ?? ''));
  const some = [...new Set(people.map(({ address }) => address.toLowerCase()))].filter((_, at, all) => at % Math.ceil(all.length / 6) === 0);
  const last = archive.sessions.map(({ people }) => people.at(-1)?.address).find((address) => address?.startsWith('zzyzx'));
  for (const address of last ? [...some, last] : some) {
    const holds = ({ parts }) => parts.some(({ records }) => records.some(({ emailAddress }) => emailAddress?.trim().toLowerCase() === address));
    await site.search(address);
    const listed = (await site.listed()).flatMap(({ links }) => links.map(({ href }) => decodeURIComponent(href)));
    const keys = archive.sessions.filter(({ key }) => listed.some((href) => href.includes(key))).map(({ key }) => key);
    equal(keys.sort(), archive.sessions.filter(holds).map(({ key }) => key).sort(), `the sessions of ${address}`);
  }
  return `${some.length} people`;
}

/** Each session's names with minutes and Graph's, in whatever order. */
async function minutes(site, archive) {
  const some = archive.sessions.filter(({ people }) => people.length > 0 && people.length <= MOST_PEOPLE);
  const step = Math.max(1, Math.ceil(some.length / MOST));
  const wrong = [];
  for (const session of some.filter((_, at) => at % step === 0)) {
    await site.openSession(session);
    const seen = (await site.people()).filter(({ name }) => name).map(({ name, minutes, graph }) => [name, numberIn(minutes), numberIn(graph)]);
    const isUnclear = ({ unclear, seconds }) => unclear > 0 && !seconds;
    const named = session.people.filter(({ name }) => shown(name));
    const expected = named.filter((person) => !isUnclear(person)).map(({ name, seconds, graph }) => [shown(name), inWords(seconds), inWords(graph)]);
    const missing = difference(expected, seen);
    if (missing.length > 0 || seen.length < expected.length) wrong.push(`${shown(session.title)}: ${JSON.stringify(missing)} not among ${JSON.stringify(seen).slice(0, 600)}`);
  }
  must(wrong.length === 0, wrong.join('\n'));
  return `${some.length} sessions, every ${step}th`;
}

/** What of the first is not in the second, each as often as it is there. */
function difference(expected, seen) {
  const left = seen.map((row) => JSON.stringify(row));
  return expected.filter((row) => {
    const at = left.indexOf(JSON.stringify(row));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
