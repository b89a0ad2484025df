// The register of a series as a person reads it.
import { shown } from './archive.mjs';
import { must, tableWith } from './harness.mjs';

/** Opens the register of the series with this title, by the list of series; in a zone, where one is given. */
export async function openRegister(site, title, zone) {
  await site.page.goto(site.first);
  await site.follow(/^series$/i);
  const search = site.page.locator('main input[type=search]');
  await search.fill(title);
  await Promise.all([site.page.waitForNavigation(), search.press('Enter')]);
  await site.follow(title);
  if (zone) await inZone(site, zone);
}

/** The register on a page: its dates, and each row with its cells by the dates. */
export async function register(site) {
  const table = await tableWith(site.page, /^person/i, /^present/i);
  const dates = table.headings.map((heading) => /^\d{1,2} [A-Z][a-z]{2}( \d{4})?( [a-z]\b)?/.exec(heading)?.[0] ?? null);
  const rows = table.rows.filter(({ className }) => className !== 'sums').map((row) => ({
    name: shown(row.cells[0]),
    present: row.of(/^present/i),
    minutes: row.of(/^minutes/i),
    cells: dates.flatMap((date, at) => (date ? [row.cells[at]] : [])),
  }));
  return { dates: dates.filter(Boolean), rows, headings: table.headings };
}

/** A cell without its glyph: `P 60`, `?`, `E`, nothing; who is in no record has no minutes or none at all. */
export function cellOf(cell) {
  if (!cell.trim()) return '';
  const letter = /(?:^|[\s\W])(LD|[PLDHAE?])(?=\W|$)/.exec(cell)?.[1];
  must(letter, `a cell without a letter: ${cell}`);
  const minutes = /\d+/.exec(cell)?.[0];
  if (letter === '?' || letter === 'E') return letter;
  return letter === 'A' ? `A ${minutes ?? 0}` : `${letter} ${minutes ?? '–'}`;
}

/** Chooses a zone, as people do. */
export async function inZone(site, zone) {
  const picker = site.page.getByLabel(/zone/i).first();
  await picker.fill(zone);
  await Promise.all([site.page.waitForNavigation(), picker.press('Enter')]);
}
