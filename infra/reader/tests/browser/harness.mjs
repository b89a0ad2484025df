// The browser, what it asked for, and one line a check.
import { chromium } from 'playwright-core';

/** Counts checks, each by the number that it has in the list of what is accepted. */
export class Checks {
  passed = 0;
  failed = 0;

  async run(number, promise, check) {
    const started = Date.now();
    try {
      const told = await check();
      this.passed += 1;
      console.log(`ok ${number} ${promise}${told ? ` (${told})` : ''} ${Date.now() - started} ms`);
    } catch (error) {
      this.failed += 1;
      const why = String(error?.message ?? error).split('\n').slice(0, 12).join('\n    ');
      console.log(`not ok ${number} ${promise} ${Date.now() - started} ms\n    ${why}`);
    }
  }

  end() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 ? 0 : 1;
  }
}

/** Fails with both sides in words. */
export function equal(seen, expected, what) {
  const [one, other] = [seen, expected].map((side) => JSON.stringify(side));
  if (one !== other) throw new Error(`${what}: the page has ${cut(one)}, the archive ${cut(other)}`);
}

export function must(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}

const cut = (text) => (text?.length > 900 ? `${text.slice(0, 900)}…` : text);

/** Chromium, with a record of what every page asked for and what it complained about. */
export async function startBrowser() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const seen = { requests: [], answers: [], complaints: [] };
  const open = async (options = {}) => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 }, ...options });
    context.on('request', (request) => seen.requests.push(request.url()));
    context.on('response', (response) => seen.answers.push(response));
    context.on('page', (page) => {
      page.on('dialog', (dialog) => {
        seen.complaints.push(`${page.url()} opened a dialog: ${dialog.message()}`);
        dialog.dismiss();
      });
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type()) && !options.bypassCSP) seen.complaints.push(`${page.url()}: ${message.text()} ${message.location().url}`);
      });
      page.on('pageerror', (error) => seen.complaints.push(`${page.url()}: ${error.message}`));
    });
    return context;
  };
  return { open, seen, close: () => browser.close() };
}

/** Every table of a page: its caption, its headings, and its rows as texts and links. */
export function tablesOf(page) {
  return page.evaluate(() => {
    const text = (of) => of.innerText.replace(/[\t\n\r ]+/g, ' ').trim();
    return [...document.querySelectorAll('table')].map((table) => ({
      caption: table.caption ? text(table.caption) : '',
      headings: [...(table.tHead?.rows ?? [])].at(-1) ? [...[...table.tHead.rows].at(-1).cells].map(text) : [],
      rows: [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => ({
        className: row.className,
        cells: [...row.cells].map(text),
        links: [...row.querySelectorAll('a[href]')].map((link) => ({ text: text(link), href: link.href })),
      })),
      foot: [...(table.tFoot?.rows ?? [])].map((row) => [...row.cells].map(text)),
    }));
  });
}

/** The table of a page whose headings hold all of these words, each row with its cells by heading. */
export async function tableWith(page, ...words) {
  const tables = await tablesOf(page);
  const found = tables.find((table) => words.every((word) => table.headings.some((heading) => matches(heading, word))));
  must(found, `${page.url()} has no table with ${words.join(', ')}: it has ${tables.map((table) => `[${table.headings}]`).join(' ')}`);
  const column = (row, word) => row.cells[found.headings.findIndex((heading) => matches(heading, word))];
  return { ...found, rows: found.rows.map((row) => ({ ...row, of: (word) => column(row, word) })) };
}

const matches = (heading, word) => (word instanceof RegExp ? word.test(heading) : heading.toLowerCase().startsWith(word.toLowerCase()));
