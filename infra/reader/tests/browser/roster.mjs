// The register of the weekly workshop with the roster `odd_archive/autumn.csv`. Every cell is worked out by hand.
import { equal, must } from './harness.mjs';
import { cellOf, openRegister, register } from './register.mjs';
import { numberIn } from './sessions.mjs';
import { openSite } from './site.mjs';

/** 7, 14, 21 and 28 October (no report is kept), 4 and 11 November; present of known, and minutes. */
const EXPECTED = {
  'Achterberg, Sanne': [['P 60', 'P 58', 'H 39', '?', 'P 60', 'P 57'], '4/5', 274],
  'Aiko Ferreira': [['P 60', 'E', 'P 53', '?', 'D 47', 'P 60'], '4/4', 220],
  'Mads Lindqvist': [['', '', '', '', 'P 60', 'P 60'], '2/2', 120],
  'Petra of Fabrikam': [['P 60', 'P 60', 'P 53', '?', 'P 60', 'A 0'], '4/5', 233],
  'Quirijn Nakamura': [['A 5', 'A 0', 'A 0', '?', '', ''], '0/3', 5],
  '=HYPERLINK': [['A 0', 'A 0', 'A 0', '?', 'A 0', 'A 0'], '0/5', 0],
};

export async function checkRoster(checks, { base, browser }) {
  const site = await openSite(browser, base);
  await openRegister(site, 'Weekly workshop', 'Europe/Amsterdam');
  const { rows } = await register(site);
  const rowOf = (name) => rows.filter((row) => row.name.includes(name));
  const is = (name) => {
    must(rowOf(name).length === 1, `${rowOf(name).length} rows of ${name}: ${rows.map((row) => row.name)}`);
    const [row] = rowOf(name);
    const [cells, present, minutes] = EXPECTED[name];
    equal(row.cells.map(cellOf), cells, `the cells of ${name}`);
    equal([row.present.replace(/\s/g, '').match(/\d+\/\d+/)?.[0], numberIn(row.minutes)], [present, minutes], `the sums of ${name}`);
  };
  await checks.run(13, 'an excused cell, and one of who is not yet enrolled, are in no sum', () => {
    is('Achterberg, Sanne');
    is('Aiko Ferreira');
    is('Mads Lindqvist');
    is('Quirijn Nakamura');
    is('=HYPERLINK');
  });
  await checks.run(16, 'a guest matches the roster by the address behind #EXT#', () => is('Petra of Fabrikam'));
  const text = await site.text();
  await checks.run(17, 'who is on the roster without an address is not told to be the one of that name', () => {
    must(/autumn\.csv/.test(text), 'the roster is not named');
    must(/not on the roster/i.test(text) && text.split(/not on the roster/i).some((part) => part.includes('Noor Haddad')), 'Noor Haddad of the archive is on no list');
  });
  await checks.run(17, 'an ambiguous line is listed, never absent', async () => {
    const address = new URL(site.page.url());
    address.searchParams.set('names', 'yes');
    await site.page.goto(address.href);
    const both = (await register(site)).rows.filter((row) => row.name.includes('Noor Haddad'));
    equal(both.length, 2, 'the lines of Noor Haddad');
    for (const row of both) equal(row.cells.map(cellOf), ['?', '?', '?', '?', '?', '?'], 'an ambiguous line');
    must(/ambiguous \(2\)/i.test((await site.text()).replace(/\s+/g, ' ')), 'ambiguous lines are not listed');
  });
  await site.close();
}
