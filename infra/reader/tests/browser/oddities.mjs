// What the pages must show of the archive of oddities. Every expectation is worked out by hand from the brief's rules and the
// times in `odd_archive/`.
import { equal, must } from './harness.mjs';
import { cellOf, inZone, openRegister, register } from './register.mjs';
import { numberIn } from './sessions.mjs';
import { openSite } from './site.mjs';

export async function checkOddities(checks, given) {
  const { base, browser, archive } = given;
  const site = await openSite(browser, base);
  const of = (title, nth = 0) => {
    const session = archive.sessions.filter((one) => one.title === title).sort((one, other) => (one.key < other.key ? -1 : 1))[nth];
    must(session, `the archive has no session ${title}`);
    return session;
  };
  const open = (title, nth) => site.openSession(of(title, nth));
  for (const [number, promise, check] of [
    [3, 'two devices are 60 minutes and not 79, in two lanes, with ≠', twoDevices],
    [3, 'forty clean rejoins have no ≠', fortyRejoins],
    [4, 'a null leave comes from the duration, or is drawn open and told', nullLeaves],
    [5, 'without times it is as Graph; of names alone nobody is absent', withoutTimes],
    [6, 'exactly on a limit counts for the person', onTheLimits],
    [7, "everybody may present in a meeting, a webinar's presenters stand apart", presenters],
    [8, 'a session over midnight is of its first local day', overMidnight],
    [9, 'the night the clocks go back has 75 minutes', clocksGoBack],
    [10, 'each state of the ledger has its words and its remedy', ledgerStates],
    [11, 'another zone moves labels and no minutes', otherZone],
    [12, 'two reports 7 minutes apart are one session with two parts, a stray is no column', partsAndStrays],
    [13, 'a missing report is not known, and in no sum', missingReport],
    [14, 'two people of one name have two rows', oneName],
    [15, 'two anonymous people of one name stay two', anonymousNames],
    [18, 'canceled and waitlisted registrants are not no-shows', registrants],
    [19, 'names that are markup are seen as text', markupNames],
    [20, 'a right-to-left name turns no row, and half an emoji breaks nothing', turnedNames],
    [24, 'a page of 20,000 people begins within 100 ms, and the last one is found', manyPeople],
    [29, 'what Graph sent is downloaded byte for byte', downloads],
    [30, 'a report without records says so', emptyReports],
  ]) {
    await checks.run(number, promise, () => check({ ...given, site, open, of }));
  }
  await site.close();
}

/** The row of a person on a session's page. */
async function rowOf(site, name) {
  const rows = (await site.people()).filter((row) => row.name.includes(name));
  must(rows.length === 1, `${rows.length} rows of ${name} at ${site.page.url()}`);
  return rows[0];
}

/** What is drawn of a person in the picture of a session: the bars, and the words. */
function drawn(page, name) {
  return page.evaluate((name) => {
    const row = [...document.querySelectorAll('svg g')].filter((one) => one.querySelector(':scope > title')?.textContent.includes(name)).at(-1);
    if (!row) return null;
    const bars = [...row.querySelectorAll('rect.bar')].map((bar) => ({ y: Number(bar.getAttribute('y')), width: Number(bar.getAttribute('width')) }));
    return { bars, lanes: new Set(bars.map(({ y }) => y)).size, open: row.querySelectorAll('.open').length, title: row.querySelector('title').textContent, text: row.textContent };
  }, name);
}

async function twoDevices({ site, open }) {
  await open('Two devices');
  const row = await rowOf(site, 'Hanne Dhillon');
  equal([numberIn(row.minutes), numberIn(row.graph), row.graph.includes('≠') || row.row.cells.join(' ').includes('≠')], [60, 79, true], 'Hanne Dhillon');
  equal(numberIn((await rowOf(site, 'Lena Kovač')).minutes), 56, 'Lena Kovač');
  equal((await drawn(site.page, 'Hanne Dhillon'))?.lanes, 2, 'the lanes of two devices');
  equal((await drawn(site.page, 'Lena Kovač'))?.lanes, 1, 'the lanes of one');
}

async function fortyRejoins({ site, open }) {
  await open('Forty rejoins');
  const row = await rowOf(site, 'Goran Petrov');
  equal([numberIn(row.minutes), numberIn(row.graph), numberIn(row.joins), row.row.cells.join(' ').includes('≠')], [40, 40, 40, false], 'Goran Petrov');
  must(/40/.test((await drawn(site.page, 'Goran Petrov')).text), 'the picture does not say that there are 40');
}

async function nullLeaves({ site, open }) {
  await open('Left at no time');
  equal(numberIn((await rowOf(site, 'Sven Iversen')).minutes), 30, 'a null leave with a duration');
  equal(numberIn((await rowOf(site, 'Kofi Jansen')).minutes), 40, 'a null join with a duration');
  must((await drawn(site.page, 'Farah Mbeki')).open > 0, 'a null leave without a duration is not drawn open');
  must(/unclear|not known|open/i.test(`${(await drawn(site.page, 'Farah Mbeki')).text} ${(await rowOf(site, 'Farah Mbeki')).row.cells.join(' ')}`), 'it is not told');
}

async function withoutTimes({ site, open }) {
  await open('No times at all');
  for (const [name, minutes, graph] of [['Dagmar Quist', 50, 50], ['Chidi Grünwald', 60, 150]]) {
    const row = await rowOf(site, name);
    equal([numberIn(row.minutes), numberIn(row.graph)], [minutes, graph], name);
    must(/as Graph/i.test(row.row.cells.join(' ')), `${name} is not "as Graph": ${row.row.cells}`);
    equal((await drawn(site.page, name))?.bars.length ?? 0, 0, `the bars of ${name}`);
  }
  const unknown = await rowOf(site, 'Oskar Tran');
  must(unknown.mark.includes('?') && numberIn(unknown.minutes) === null, `who has neither times nor a sum: ${unknown.row.cells}`);
  await open('Only who attended');
  const named = await site.people();
  equal(named.length, 4, 'people of whom only the names are kept');
  for (const { row, mark, minutes } of named) {
    must(/✓|\bP\b|present/i.test(mark) && numberIn(minutes) === null, `named only: ${row.cells}`);
  }
}

/** Names and marks on the limits of an hour, each worked out by hand. */
const LIMITS = [
  ['Whole Hour', 60, /present/i],
  ['Late Fourteen', 46, /late/i],
  ['Early Fortyseven', 47, /left early/i],
  ['Partial Thirtysix', 36, /partial/i],
  ['Absent Five', 5, /absent/i],
  ['Absent Six', 6, /partial/i],
  ['Exactly Enough', 45, /present/i],
  ['Second Less', 44, /partial/i],
  ['Exactly Late', 50, /present/i],
  ['Second Late', 49, /late/i],
];

async function onTheLimits({ site, open }) {
  for (const title of ['Exactly at the limits', 'Data protection training']) {
    await open(title);
    for (const [name, minutes, mark] of LIMITS) {
      const row = await rowOf(site, name);
      equal(numberIn(row.minutes), minutes, `the minutes of ${name} in ${title}`);
      must(mark.test(row.mark), `${name} in ${title} is ${row.mark}, not ${mark}`);
    }
    const { mark } = await rowOf(site, 'Exactly Late');
    must(!/late/i.test(mark), `exactly at the limit of late: ${mark}`);
  }
}

async function presenters({ site, open }) {
  await openRegister(site, 'Everybody presents');
  const rows = (await register(site)).rows.map(({ name }) => name).filter((name) => / 0000\d$/.test(name));
  equal(rows.length, 6, 'presenters in the register of a meeting');
  await openRegister(site, 'Data protection training');
  const people = (await register(site)).rows.map(({ name }) => name);
  must(people.some((name) => name.includes('Whole Hour')), `the register of the webinar: ${people}`);
  must(!people.some((name) => /Speaker Guest|Mirella Oduya/.test(name)), `who presents stands among those who are marked: ${people}`);
  must(/Speaker Guest/.test(await site.text()), 'who presents stands nowhere');
}

async function overMidnight({ site }) {
  await openRegister(site, 'Night shift', 'Europe/Amsterdam');
  const { dates } = await register(site);
  equal(dates, ['12 Oct', '15 Oct'], 'the columns of nights in Amsterdam');
  await openRegister(site, 'Night shift', 'UTC');
  equal((await register(site)).dates, ['12 Oct', '14 Oct'], 'the columns of nights in UTC');
}

async function clocksGoBack({ site, open }) {
  await open('Clocks go back');
  await inZone(site, 'Europe/Amsterdam');
  const [row] = await site.people();
  equal(numberIn(row.minutes), 75, 'minutes of the night');
  const text = await site.text();
  must(/02:30/.test(text) && /02:45/.test(text) && /\+0?2/.test(text) && /\+0?1/.test(text), `both offsets are not shown: ${text.slice(0, 400)}`);
  await openRegister(site, 'Weekly workshop', 'Europe/Amsterdam');
  const times = (await register(site)).headings.flatMap((heading) => heading.match(/\d\d:\d\d/)?.[0] ?? []);
  must(times.every((time) => time === '10:00'), `a weekly 10:00 is at ${times}`);
}

const STATES = [
  ['2026-11-11', /pending/i, /Nothing to do/],
  ['2026-11-02', /no report|absent/i, /A Teams administrator looks at the policies/],
  ['2026-11-06', /lost/i, /can no longer be fetched/],
  ['2026-10-28', /missing/i, /rollcall (backfill|pull)/],
  ['2026-10-01', /short/i, /Counted, not named/],
];

async function ledgerStates({ site }) {
  await site.page.goto(site.first);
  await site.follow(/^completeness$/i);
  const calendar = await site.page.locator('a[href]').evaluateAll((links) => links.map(({ href, textContent }) => [href, textContent.trim()]));
  const text = await site.text();
  must(/grants the application access policy to this organizer/.test(text), 'what could not be looked at has no remedy');
  for (const [day, state, remedy] of STATES) {
    const link = calendar.find(([href]) => href.includes(day));
    must(link, `the calendar has no ${day}`);
    await site.page.goto(link[0]);
    const told = await site.text();
    must(state.test(told), `${day} is not told to be ${state}: ${told.slice(0, 500)}`);
    must(remedy.test(told), `${day} has no remedy ${remedy}: ${told.slice(-900)}`);
  }
}

async function otherZone({ site, open }) {
  await open('Exactly at the limits');
  await inZone(site, 'UTC');
  const one = (await site.people()).map(({ name, minutes, mark }) => [name, minutes, mark]);
  const before = await site.page.innerText('h1 ~ *, main');
  await inZone(site, 'Asia/Kolkata');
  const other = (await site.people()).map(({ name, minutes, mark }) => [name, minutes, mark]);
  equal(other, one, 'minutes in another zone');
  must(/13:30|13:25/.test(await site.text()) && !/13:30|13:25/.test(before), 'labels did not move');
}

async function partsAndStrays({ site, of }) {
  const session = of('Weekly workshop', 2);
  equal(session.parts.length, 2, 'parts by hand');
  await site.openSession(session);
  must(/report 1 of 2/i.test(await site.text()), 'the page does not say that there are two reports');
  equal(numberIn((await rowOf(site, 'Aiko Ferreira')).minutes), 53, 'minutes of both parts');
  await openRegister(site, 'Weekly workshop', 'Europe/Amsterdam');
  equal((await register(site)).dates, ['7 Oct', '14 Oct', '21 Oct', '28 Oct', '4 Nov', '11 Nov'], 'columns');
  must(/stray/i.test(await site.text()), 'the stray is not listed');
}

/** The workshop by hand, of all who are in a record: one cell a session, and the sums. */
const WORKSHOP = {
  'Sanne Achterberg': ['P 60', 'P 58', 'H 39', '?', 'P 60', 'P 57'],
  'Aiko Ferreira': ['P 60', 'A 0', 'P 53', '?', 'D 47', 'P 60'],
  'Noor Haddad': ['P 60', 'P 60', 'A 0', '?', 'H 36', 'P 60'],
  'Mads Lindqvist': ['A 0', 'A 0', 'A 0', '?', 'P 60', 'P 60'],
  'Petra Fabrikam': ['P 60', 'P 60', 'P 53', '?', 'P 60', 'A 0'],
  'Quirijn Nakamura': ['A 5', 'A 0', 'A 0', '?', 'A 0', 'P 60'],
};

const SUMS = {
  'Sanne Achterberg': ['4/5', 274],
  'Aiko Ferreira': ['4/5', 220],
  'Noor Haddad': ['3/5', 216],
  'Mads Lindqvist': ['2/5', 120],
  'Petra Fabrikam': ['4/5', 233],
  'Quirijn Nakamura': ['1/5', 65],
};

async function missingReport({ site }) {
  await openRegister(site, 'Weekly workshop', 'Europe/Amsterdam');
  const { rows } = await register(site);
  for (const [name, cells] of Object.entries(WORKSHOP)) {
    const row = rows.find((one) => one.name.includes(name));
    must(row, `${name} is not in the register: ${rows.map(({ name }) => name)}`);
    equal(row.cells.map(cellOf), cells, name);
    equal([row.present.replace(/\s/g, '').match(/\d+\/\d+/)?.[0], numberIn(row.minutes)], SUMS[name], `the sums of ${name}`);
  }
  const text = await site.text();
  must(/no report is kept/i.test(text), 'the missing report is not told beside the register');
  const ways = await site.page.locator('main a[href*="day=2026-10-28"]').count();
  must(ways > 0 || /rollcall (backfill|pull)/.test(text), 'the missing report has no remedy, and no way to it');
}

async function oneName({ site, open }) {
  await open('Two of one name');
  const rows = (await site.people()).filter(({ name }) => name.includes('Jan Peeters'));
  equal(rows.map(({ minutes }) => numberIn(minutes)).sort(), [12, 50], 'two of one name');
  const doubles = (await site.people()).filter(({ name }) => name.includes('Rana Eze'));
  equal(doubles.length, 2, 'two ids with one address');
  await openRegister(site, 'Two of one name');
  must(/one address, several ids \(1\)/i.test(await site.text()), 'two ids with one address are not told');
}

async function anonymousNames({ site }) {
  await openRegister(site, 'Open hour');
  const rows = (await register(site)).rows.filter(({ name }) => name.startsWith('Noor'));
  equal(rows.length, 2, 'rows of anonymous people called Noor');
  await site.search('Noor');
}

async function registrants({ site, open }) {
  await open('Data protection training');
  const lists = await site.page.locator('details').evaluateAll((all) => all.map((one) => [one.querySelector('summary').textContent, [...one.querySelectorAll('li')].map((item) => item.textContent)]));
  const [, away] = lists.find(([heading]) => /did not come/i.test(heading)) ?? [];
  must(away, `nobody is told not to have come: ${lists.map(([heading]) => heading)}`);
  equal(away.filter((name) => /Never Came|Stayed Away/.test(name)).length, 2, 'one address twice is one expectation');
  equal(away.length, 2, `who did not come (${away})`);
  const apart = lists.filter(([heading]) => !/did not come/i.test(heading)).flatMap(([, names]) => names).join('\n');
  for (const name of ['Called Off', 'Waits Still', 'Pending Person', 'Rejected Person']) {
    must(apart.includes(name), `${name} stands nowhere: ${JSON.stringify(lists)}`);
  }
}

async function markupNames({ site, open }) {
  await open('Names that hurt');
  const names = (await site.people()).map(({ name }) => name).join('\n');
  for (const name of [`<img src=x onerror="document.title='owned'">`, `"><script>document.title='owned'</script>`, '&lt;b&gt; &amp; {{ name }} ${name} %00']) {
    must(names.includes(name), `${name} is not seen as it is`);
  }
  must(/no name/i.test(await site.text()), 'who has no name is not told so');
  must(/0123/.test(names) && !/31205550123/.test(await site.text()), 'a telephone is shown with more than its last four digits');
}

async function turnedNames({ site, open }) {
  await open('Names that hurt');
  const isolated = await site.page.evaluate(() => {
    const rows = [...document.querySelectorAll('tbody tr')].filter((row) => /נועה|مريم|Reversed|Half/.test(row.textContent));
    return rows.map((row) => {
      const name = [...row.querySelectorAll('bdi, [dir=auto]')].some((one) => /נועה|مريم|Reversed|Half/.test(one.textContent));
      const boxes = [...row.cells].map((cell) => cell.getBoundingClientRect().left);
      return name && boxes.every((left, at) => at === 0 || left >= boxes[at - 1]);
    });
  });
  must(isolated.length >= 4 && isolated.every(Boolean), `names without <bdi>: ${isolated}`);
  must((await site.people()).some(({ name }) => /^Half .*emoji/.test(name)), 'half an emoji is not seen');
  await site.search('Half');
}

async function manyPeople({ site, open, of, browser, base }) {
  await open('All hands of twenty thousand');
  const address = site.page.url();
  const times = [];
  const limit = Number(process.env.FIRST_BYTE_MS ?? 100);
  // Where the code is not optimised, there is nothing to be measured.
  for (let count = 0; count < (limit > 100 ? 1 : 5); count += 1) {
    await site.page.goto(address);
    times.push(await site.page.evaluate(() => performance.getEntriesByType('navigation')[0].responseStart));
  }
  const bytes = Buffer.byteLength(await site.page.content());
  must(bytes < 300 * 1024, `the page has ${bytes} bytes`);
  await site.search('Zzyzx Lastname');
  must((await site.listed()).length === 1, 'the last person is not found by the search of sessions');
  await site.page.goto(address);
  const search = site.page.locator('main input[type=search]');
  await search.fill('Zzyzx');
  await Promise.all([site.page.waitForNavigation(), search.press('Enter')]);
  equal((await site.people()).map(({ name, minutes }) => [name, numberIn(minutes)]), [['Zzyzx Lastname', 9]], 'who is found in the session');
  const median = times.sort((one, other) => one - other)[times.length >> 1];
  must(median <= limit, `the first byte comes after ${times.map(Math.round)} ms`);
  return `first byte after ${Math.round(median)} ms, ${bytes} bytes`;
}

async function downloads({ site, open, of, archive }) {
  const { readFileSync } = await import('node:fs');
  for (const title of ['Names that hurt', 'Revised twice']) {
    await open(title);
    const links = await site.page.locator('a[href]').evaluateAll((all) => all.map(({ href, textContent }) => [href, textContent.trim()]));
    const found = links.find(([, text]) => /JSON as Graph sent it/i.test(text));
    must(found, `no link to the JSON as Graph sent it: ${links.map(([, text]) => text)}`);
    const answer = await site.page.context().request.get(found[0]);
    must((await answer.body()).equals(readFileSync(`${archive.folder}/${of(title).key}`)), `${title} is not downloaded as it lies in the archive`);
  }
  must(/revision/i.test(await site.text()), 'revisions are not told');
}

async function emptyReports({ site, open, of }) {
  await site.search('Counted, not named');
  const found = (await site.listed()).flatMap(({ links }) => links).find(({ href }) => decodeURIComponent(href).includes(of('Counted, not named').key));
  await site.page.goto(found.href);
  must(/Graph counts 5 and sent no records/i.test(await site.text()), `of a report without records: ${(await site.text()).slice(0, 400)}`);
}
