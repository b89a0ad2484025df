// An archive with nothing in it, and one that is being indexed: each page says what it knows, and since when.
import { must } from './harness.mjs';
import { openSite } from './site.mjs';

export async function checkEmptyArchive(checks, { base, browser }) {
  const site = await openSite(browser, base);
  await checks.run(30, 'an empty archive says what was looked for and what fills it', async () => {
    const text = await site.text();
    must(/rollcall pull/.test(text), `no command that fills it: ${text.slice(0, 400)}`);
    must(/reports/.test(text), 'not what was looked for');
  });
  for (const page of [/^series$/i, /^completeness$/i]) {
    await checks.run(30, `an empty archive: ${page.source}`, async () => {
      await site.page.goto(site.first);
      await site.follow(page);
      must((await site.page.innerText('main')).trim().length > 40, 'it says nothing');
    });
  }
  await site.close();
}

/** While the index is being built: each page is there, and says as of when or how far. */
export async function checkGrowingArchive(checks, { base, browser }) {
  const site = await openSite(browser, base);
  await checks.run(30, 'while the archive is indexed, pages say what is known so far', async () => {
    let growing = 0;
    const ways = ['/', '/series', '/people', '/completeness'];
    for (let looks = 0; looks < 400; looks += 1) {
      const response = await site.page.goto(site.first + ways[looks % ways.length]);
      must(response.status() === 200, `${response.status()} ${site.page.url()}`);
      const text = await site.page.innerText('body');
      must(/as of|not yet looked at/.test(text), 'a page does not say as of when');
      const isGrowing = /being indexed/.test(text);
      growing += isGrowing ? 1 : 0;
      if (!isGrowing && looks % ways.length === 3) break;
    }
    return `${growing} pages of a growing index`;
  });
  await site.close();
}
