// What must hold of every page, of any archive: without scripts, in light and dark, at 320 px, in print, for strangers.
import { request as rawRequest } from 'node:http';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { fingerprint } from './archive.mjs';
import { crawl } from './crawl.mjs';
import { equal, must } from './harness.mjs';

/** All rules of axe in light; in dark and on a narrow screen those whose answer may be another there: the markup is the same. */
const LOOKS = [
  { name: 'light', options: {}, run: { rules: { 'target-size': { enabled: true } } } },
  { name: 'dark', options: { colorScheme: 'dark' }, run: { runOnly: ['color-contrast', 'link-in-text-block'] } },
  {
    name: 'narrow',
    options: { viewport: { width: 320, height: 640 } },
    run: { runOnly: ['color-contrast', 'target-size', 'scrollable-region-focusable', 'meta-viewport'] },
  },
];

/** The most bytes of a page. */
const MOST_BYTES = 300 * 1024;

export async function checkEveryPage(checks, { base, folder, screenshots, browser, each, looks }) {
  const before = fingerprint(folder);
  const context = await browser.open();
  let pages = [];
  let files = [];
  await checks.run(28, 'every page is there without scripts', async () => {
    ({ pages, files } = await crawl(context, base, { each, most: 400 }));
    const broken = [...pages, ...files].filter(({ status }) => status !== 200).map(({ status, address }) => `${status} ${address}`);
    must(broken.length === 0, broken.join('\n'));
    return `${pages.length} pages and ${files.length} files of ${new Set(pages.map(({ shape }) => shape)).size} shapes`;
  });
  await checks.run(19, 'nothing that Graph sent is markup', () => {
    const bad = pages.filter(({ title, scripts, handlers, odd }) => title === 'owned' || scripts + handlers + odd > 0);
    must(bad.length === 0, bad.map(({ address }) => address).join('\n'));
    const pictures = files.filter(({ headers }) => /svg/.test(headers['content-type'] ?? '')).map(({ address, body }) => [address, body.toString('utf8')]);
    const marked = pictures.filter(([, text]) => /<(script|img|iframe|foreignObject)|\son\w+=/i.test(text.replace(/&[^;]*;/g, '').replace(/>[^<]*</g, '><')));
    must(marked.length === 0, marked.map(([address]) => address).join('\n'));
  });
  await checks.run(26, 'each page has one heading, a language, a main part, labels, and headings with a scope', () => {
    const bad = pages.filter((page) => !page.lang || page.headings.length !== 1 || page.main !== 1 || page.headless + page.unlabelled > 0 || !page.title);
    must(bad.length === 0, bad.map(({ address, lang, headings, main, headless, unlabelled, title }) => `${address}: ${JSON.stringify({ lang, headings, main, headless, unlabelled, title })}`).join('\n'));
  });
  await checks.run(25, 'the first stop of each page is the way past its head', () => {
    const bad = pages.filter(({ firstLink }) => !firstLink.startsWith('#'));
    must(bad.length === 0, bad.map(({ address, firstLink }) => `${address}: ${firstLink}`).join('\n'));
  });
  await checks.run(24, 'no page is larger than 300 KB', () => {
    const large = pages.filter(({ bytes }) => bytes > MOST_BYTES).map(({ address, bytes }) => `${bytes} ${address}`);
    must(large.length === 0, large.join('\n'));
    return `the largest has ${Math.max(...pages.map(({ bytes }) => bytes))} bytes`;
  });
  const some = someOfEach(pages);
  for (const look of LOOKS.slice(0, looks)) {
    await checks.run(26, `axe finds nothing serious: ${look.name}`, () => lookAt(browser, some, { base, screenshots, ...look }));
  }
  await checks.run(28, 'nothing was asked for outside of 127.0.0.1, and no page complained', () => {
    const { hostname } = new URL(base);
    const strange = browser.seen.requests.filter((url) => !/^(data|about|blob):/.test(url) && new URL(url).hostname !== hostname);
    must(strange.length === 0, strange.join('\n'));
    must(browser.seen.complaints.length === 0, [...new Set(browser.seen.complaints)].slice(0, 8).join('\n'));
    return `${browser.seen.requests.length} requests`;
  });
  await checks.run(29, 'strangers are refused', () => refuse(base, pages));
  await checks.run(29, 'nothing is kept by the browser', () => {
    const kept = [...pages, ...files].filter(({ headers }) => !/no-store/.test(headers['cache-control'] ?? '')).map(({ address }) => address);
    must(kept.length === 0, kept.slice(0, 10).join('\n'));
  });
  await checks.run(29, "the archive's bytes and times are unchanged", () => equal(fingerprint(folder), before, 'the archive'));
  await context.close();
  return { pages, files };
}

/** Of each path the smallest page with a row, since axe takes long for long tables and their rows are alike. */
function someOfEach(pages) {
  const inOrder = [...pages].sort((one, other) => (other.rows > 0) - (one.rows > 0) || one.bytes - other.bytes);
  const paths = new Map(inOrder.reverse().map((page) => [new URL(page.address).pathname, page]));
  return [...paths.values()];
}

const axe = () => readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One page of each shape, as axe sees it, with a picture of it. */
async function lookAt(browser, pages, { base, screenshots, name, options, run }) {
  const script = axe();
  // Pages forbid scripts, and axe is one.
  const context = await browser.open({ ...options, javaScriptEnabled: true, bypassCSP: true });
  const page = await context.newPage();
  const found = [];
  mkdirSync(join(screenshots, name), { recursive: true });
  await page.goto(base);
  for (const [at, { address, shape }] of pages.entries()) {
    await page.goto(address);
    const file = `${String(at).padStart(2, '0')}-${new URL(address).pathname.replace(/\W+/g, '') || 'sessions'}.png`;
    await page.screenshot({ path: join(screenshots, name, file), fullPage: true, clip: await clipOf(page) });
    await page.evaluate(script);
    const { violations } = await page.evaluate((options) => window.axe.run(options), run);
    for (const { id, impact, nodes } of violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))) {
      found.push(`${shape}: ${impact} ${id} at ${nodes.length} places, first ${nodes[0].html.slice(0, 160)} ${(nodes[0].failureSummary ?? '').split('\n').at(-1).trim()}`);
    }
    if (name === 'narrow') found.push(...(await overflows(page)).map((what) => `${shape}: ${what}`));
  }
  await context.close();
  must(found.length === 0, found.join('\n'));
  return `${pages.length} pages`;
}

/** The upper part of a page: some are long. */
async function clipOf(page) {
  const { width, height } = await page.evaluate(() => ({ width: innerWidth, height: document.documentElement.scrollHeight }));
  return { x: 0, y: 0, width, height: Math.min(height, 3000) };
}

/** What is wider than a narrow screen, but for what scrolls in a region with a name that can be focused. */
function overflows(page) {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth > innerWidth ? [`the page is ${document.documentElement.scrollWidth} px wide`] : [];
    const scrolls = [...document.querySelectorAll('body *')].filter((one) => one.scrollWidth > one.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX));
    const nameless = scrolls.filter((one) => !one.matches('textarea, input, select, pre') && (one.tabIndex < 0 || !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby')) || !one.getAttribute('role')));
    return [...wide, ...nameless.map((one) => `a region that scrolls has no name or focus: ${one.outerHTML.slice(0, 120)}`)];
  });
}

/** Requests without the token, of another host, and such as would change something. */
async function refuse(base, pages) {
  const { port, host } = new URL(base);
  const path = (address) => new URL(address).pathname + new URL(address).search;
  const ask = (options) => new Promise((resolve, reject) => {
    const request = rawRequest({ host: '127.0.0.1', port, path: path(base), agent: false, ...options }, (answer) => {
      answer.resume().on('end', () => resolve({ status: answer.statusCode, cache: answer.headers['cache-control'] ?? '' }));
    });
    request.on('error', reject).end();
  });
  const without = (text) => text.replace(/([0-9a-z_-]{16,})/i, (token) => (token.startsWith('A') ? 'B' : 'A') + token.slice(1));
  const told = [];
  for (const [what, options, statuses] of [
    ['another token', { path: without(path(base)) }, [403]],
    ['no token', { path: '/' }, [403]],
    ['a foreign host', { headers: { host: 'fabrikam.example' } }, [403, 421]],
    ['a host that is like ours', { headers: { host: `${host}.fabrikam.example` } }, [403, 421]],
    ['POST', { method: 'POST' }, [405]],
    ['PUT', { method: 'PUT' }, [405]],
    ['DELETE', { method: 'DELETE' }, [405]],
  ]) {
    const { status, cache } = await ask(options);
    if (!statuses.includes(status)) told.push(`${what}: ${status}, not ${statuses.join(' or ')}`);
    if (!/no-store/.test(cache)) told.push(`${what}: the answer may be kept (${cache})`);
  }
  for (const { address } of pages.slice(1, 6)) {
    const { status } = await ask({ path: without(path(address)) });
    if (path(address) !== without(path(address)) && status !== 403) told.push(`${address} with another token: ${status}`);
  }
  must(told.length === 0, told.join('\n'));
}
