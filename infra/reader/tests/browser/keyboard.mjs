// By keyboard alone, without scripts: search, open, sort, change a rule, download.
import { must } from './harness.mjs';

/** Presses Tab until something is focused that `is` finds; each stop on the way must be seen. */
async function tabTo(page, is, what) {
  for (let stops = 0; stops < 400; stops += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      const style = getComputedStyle(one);
      return {
        tag: one.tagName, type: one.type ?? '', href: one.href ?? '', text: one.innerText?.trim() ?? '', name: one.name ?? '', role: one.getAttribute('role') ?? '',
        download: one.hasAttribute('download'), inHead: Boolean(one.closest('thead')), ring: style.outlineStyle !== 'none' ? parseFloat(style.outlineWidth) : 0,
      };
    });
    if (at.tag === 'BODY') throw new Error(`${page.url()}: no stop for ${what}`);
    must(at.ring >= 2, `${page.url()}: the focus on ${at.tag} ${at.text || at.name} is not seen (${at.ring} px)`);
    if (is(at)) return at;
  }
  throw new Error(`${page.url()}: no stop for ${what} among the first 400`);
}

export async function checkKeyboard(checks, { base, archive, browser }) {
  const context = await browser.open({ acceptDownloads: true });
  const page = await context.newPage();
  const many = archive.sessions.filter(({ title, people }) => /^\w[\w ]+$/.test(title ?? '') && people.length > 1 && people.length < 30);
  const one = many[0] ?? archive.sessions[0];
  const go = () => Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await checks.run(25, 'by keyboard: search and open a session', async () => {
    await page.goto(base);
    await tabTo(page, ({ tag, type }) => tag === 'INPUT' && type === 'search', 'the search');
    await page.keyboard.type(one.title);
    await go();
    await tabTo(page, ({ tag, text }) => tag === 'A' && text.includes(one.title), 'the session that was found');
    await go();
    must((await page.innerText('h1')).includes(one.title), `Enter led to ${page.url()}`);
  });
  await checks.run(25, 'by keyboard: download', async () => {
    const link = await tabTo(page, ({ tag, download }) => tag === 'A' && download, 'a download');
    const [download] = await Promise.all([page.waitForEvent('download', { timeout: 10_000 }), page.keyboard.press('Enter')]);
    return `${link.text}: ${download.suggestedFilename()}`;
  });
  await checks.run(25, 'by keyboard: sort', async () => {
    await page.goto(base);
    const sorted = () => page.evaluate(() => document.querySelector('th[aria-sort]:not([aria-sort=none])')?.innerText.trim() ?? '');
    const before = await sorted();
    await tabTo(page, ({ tag, inHead, text }) => tag === 'A' && inHead && text && text !== before, 'a heading to sort by');
    await go();
    must((await sorted()) !== before, `the table is still sorted by ${before}`);
    return `by ${before}, then by ${await sorted()}`;
  });
  await checks.run(25, 'by keyboard: open a register and change a rule', async () => {
    await page.goto(base);
    await tabTo(page, ({ text }) => text === 'Series', 'the way to the series');
    await go();
    await tabTo(page, ({ tag, href }) => tag === 'A' && new URL(href).pathname === '/register', 'a register');
    await go();
    await tabTo(page, ({ tag, text }) => tag === 'SUMMARY' && /^Rules/.test(text), 'the rules');
    await page.keyboard.press('Enter');
    await tabTo(page, ({ tag, name }) => tag === 'INPUT' && name === 'present', 'the rule of who was present');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('99%');
    await go();
    must(new URL(page.url()).searchParams.get('present') === '99%', `Enter led to ${page.url()}`);
    must(/99\s*%/.test(await page.innerText('main')), 'the page does not say the rule');
  });
  await context.close();
}
