// The pages as a person goes through them: by the search, by links, by the words of headings.
import { shown } from './archive.mjs';
import { must, tableWith } from './harness.mjs';

/** A page of a browser without scripts, at the first address. */
export async function openSite(browser, base, options) {
  const context = await browser.open(options);
  const page = await context.newPage();
  await page.goto(base);
  return new Site(page);
}

export class Site {
  constructor(page) {
    this.page = page;
    this.first = new URL(page.url()).origin;
  }

  close() {
    return this.page.context().close();
  }

  /** Types into the search of the first page, as people do. */
  async search(words) {
    await this.page.goto(this.first);
    const search = this.page.locator('input[type=search]').first();
    await search.fill(words);
    await Promise.all([this.page.waitForNavigation(), search.press('Enter')]);
  }

  /** The sessions that are listed, on all pages of the list. */
  async listed() {
    const rows = [];
    for (let pages = 0; pages < 50; pages += 1) {
      rows.push(...(await tableWith(this.page, 'When', 'Title')).rows);
      const next = this.page.locator('a[rel=next]').first();
      if ((await next.count()) === 0) break;
      await this.page.goto(await next.evaluate((link) => link.href));
    }
    return rows;
  }

  /** The page of the session of which the report's key is the first, by the list of all sessions. */
  async openSession(session) {
    if (!this.links) {
      await this.page.goto(this.first);
      this.links = (await this.listed()).flatMap(({ links }) => links.map(({ href }) => href));
    }
    const link = this.links.find((href) => new URL(href).searchParams.get('key') === session.key);
    must(link, `the list of sessions has no ${session.key}`);
    await this.page.goto(link);
  }

  /** The people of a session's page: what its table says of each. */
  async people() {
    const rows = [];
    for (let pages = 0; pages < 200; pages += 1) {
      const table = await tableWith(this.page, 'Name', 'Minutes');
      rows.push(...table.rows.map((row) => ({
        row,
        name: shown(row.of('Name')),
        role: row.of('Role') ?? '',
        minutes: row.of('Minutes') ?? '',
        graph: row.of('Graph') ?? '',
        joins: row.of('Joins') ?? '',
        mark: row.of('Mark') ?? '',
      })));
      const next = this.page.locator('a[rel=next]').first();
      if ((await next.count()) === 0) break;
      await this.page.goto(await next.evaluate((link) => link.href));
    }
    return rows;
  }

  /** Goes where the first link with these words leads. */
  async follow(words) {
    const link = this.page.getByRole('link', { name: words }).first();
    must((await link.count()) > 0, `${this.page.url()} has no link ${words}`);
    await this.page.goto(await link.evaluate((one) => one.href));
  }

  text() {
    return this.page.innerText('main');
  }
}
