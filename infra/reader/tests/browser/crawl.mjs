// Every page of a served archive, by its links: at most so many of each shape, since a thousand sessions have one page.
import { must } from './harness.mjs';

/** The shape of an address: its path, and the names of what it asks. */
export function shapeOf(address) {
  const { pathname, searchParams } = new URL(address);
  const asked = [...new Set(searchParams.keys())].filter((name) => name !== 'token').sort().join('&');
  return `${pathname}${asked ? `?${asked}` : ''}`;
}

/** What a link leads to, as a browser without scripts sees it. */
export async function look(page, address) {
  const response = await page.goto(address, { waitUntil: 'load' });
  const headers = response.headers();
  const facts = await page.evaluate(() => {
    const all = [...document.querySelectorAll('*')];
    return {
      title: document.title,
      lang: document.documentElement.lang,
      headings: [...document.querySelectorAll('h1')].map((heading) => heading.innerText.trim()),
      text: document.body.innerText,
      main: document.querySelectorAll('main').length,
      scripts: document.querySelectorAll('script, iframe, object, embed').length,
      handlers: all.filter((one) => [...one.attributes].some((attribute) => /^on/i.test(attribute.name))).length,
      odd: all.filter((one) => one.matches('img[src="x"], b > b, a[href^="javascript:" i]')).length,
      rows: document.querySelectorAll('main tbody tr').length,
      headless: [...document.querySelectorAll('table th')].filter((cell) => !cell.scope).length,
      links: [...document.querySelectorAll('a[href]')].map((link) => ({ href: link.href, text: link.innerText.trim(), download: link.hasAttribute('download') })),
      unlabelled: [...document.querySelectorAll('input:not([type=hidden],[type=submit]), select')].filter((one) => !one.labels?.length && !one.getAttribute('aria-label')).length,
      firstLink: document.querySelector('a[href], button, input:not([type=hidden]), select, summary')?.getAttribute('href') ?? '',
    };
  });
  return { address, shape: shapeOf(address), status: response.status(), headers, bytes: (await response.body()).length, ...facts };
}

const isFile = ({ href, download }) => download || /\.\w+$/.test(new URL(href).pathname) || new URL(href).searchParams.has('format');

/** All pages that links lead to from `base`, and all files, at most `each` of a shape. */
export async function crawl(context, base, { each, most }) {
  const page = await context.newPage();
  const queue = [{ href: base, download: false }];
  const met = new Set();
  const [shapes, paths] = [new Map(), new Map()];
  const pages = [];
  const files = [];
  for (let at = 0; at < queue.length && pages.length < most; at += 1) {
    const link = queue[at];
    const address = link.href.split('#')[0];
    if (met.has(address)) continue;
    met.add(address);
    must(new URL(address).host === new URL(base).host, `a link leads out: ${address}`);
    const count = (shapes.get(shapeOf(address)) ?? 0) + 1;
    shapes.set(shapeOf(address), count);
    const path = new URL(address).pathname;
    const ofPath = paths.get(path) ?? 0;
    if (count > each || ofPath >= 3 * each) continue;
    paths.set(path, ofPath + 1);
    if (isFile({ href: address, download: link.download })) {
      if (count > Math.min(each, 2)) continue;
      const answer = await context.request.get(address);
      files.push({ address, shape: shapeOf(address), status: answer.status(), headers: answer.headers(), body: await answer.body() });
      continue;
    }
    const seen = await look(page, address);
    pages.push(seen);
    queue.push(...seen.links.filter(({ href }) => /^http/.test(href)));
  }
  await page.close();
  return { pages, files };
}
