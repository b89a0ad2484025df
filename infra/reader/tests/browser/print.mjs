// A register and a certificate on paper: the header on each sheet, nothing cut.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { must } from './harness.mjs';
import { openRegister, register } from './register.mjs';
import { openSite } from './site.mjs';

/** The pages of a PDF as texts, and their size in points; `null` where poppler-utils is not here. */
function pagesOf(path) {
  try {
    const text = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const size = /Page size:\s+([\d.]+) x ([\d.]+)/.exec(execFileSync('pdfinfo', [path], { encoding: 'utf8' }));
    return { pages: text.split('\f').slice(0, -1), width: Number(size[1]), height: Number(size[2]) };
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Prints a page as its style says, and gives the texts of its sheets. */
async function printed(page, screenshots, name) {
  mkdirSync(screenshots, { recursive: true });
  const path = join(screenshots, `${name}.pdf`);
  writeFileSync(path, await page.pdf({ preferCSSPageSize: true, printBackground: false }));
  const sheets = pagesOf(path);
  if (!sheets) console.log('skipped: a print is read by pdftotext of poppler-utils');
  return sheets;
}

/** Each sheet with a name has these words above it, and all together each of the names. */
function mustHave(sheets, words, names) {
  const text = sheets.pages.map((page) => page.replace(/\s+/g, ' '));
  const firstName = (page) => Math.min(...names.map((name) => page.indexOf(name)).filter((at) => at >= 0));
  for (const word of words) {
    const without = text.flatMap((page, at) => (Number.isFinite(firstName(page)) && !page.slice(0, firstName(page)).includes(word) ? [at + 1] : []));
    must(without.length === 0, `"${word}" is not above the names of the sheets ${without} of ${text.length}`);
  }
  const all = text.join(' ');
  // A machine without fonts of a script has no text of it in a print.
  const cut = names.filter((name) => /^[\u0020-\u024f]+$/.test(name) && !all.includes(name));
  must(cut.length === 0, `not on paper: ${cut.slice(0, 5).join(', ')}`);
}

/** The register with the most rows that fit a page, and a certificate of somebody in it. */
export async function checkPrint(checks, { base, browser, screenshots, archive }) {
  const site = await openSite(browser, base);
  await checks.run(27, 'a register is printed with its header on every sheet, and nothing is cut', async () => {
    const largest = [...archive.sessions].sort((one, other) => other.people.length - one.people.length).find(({ title }) => /^[\w ]+$/.test(title ?? ''));
    await openRegister(site, largest.title);
    const { rows } = await register(site);
    const sheets = await printed(site.page, screenshots, 'register');
    if (!sheets) return 'not read';
    must(Math.round(sheets.width) === 842 && Math.round(sheets.height) === 595, `not A4 landscape: ${sheets.width} × ${sheets.height}`);
    mustHave(sheets, ['Person', 'Present', 'Minutes'], rows.map(({ name }) => name));
    must(/as of/.test(sheets.pages.join(' ')) && /75\s*%/.test(sheets.pages.join(' ')), 'the rules and "as of" are not on paper');
    return `${sheets.pages.length} sheets, ${rows.length} rows`;
  });
  await checks.run(27, 'a certificate is one sheet with the hashes of its reports', async () => {
    await site.page.goto(site.first);
    await site.follow(/^people$/i);
    await site.page.goto(await site.page.locator('main tbody a[href]').first().evaluate((link) => link.href));
    await site.follow(/certificate/i);
    const name = await site.page.innerText('h1');
    const sheets = await printed(site.page, screenshots, 'certificate');
    if (!sheets) return 'not read';
    must(Math.round(sheets.width) === 595 && Math.round(sheets.height) === 842, `not A4 portrait: ${sheets.width} × ${sheets.height}`);
    must(sheets.pages.length === 1, `${sheets.pages.length} sheets`);
    must(/as Teams recorded/i.test(sheets.pages[0].replace(/\s+/g, ' ')), 'not "as Teams recorded"');
    const hashes = archive.reports.map(({ sha256 }) => sha256);
    must(hashes.some((hash) => sheets.pages[0].includes(hash.slice(0, 16))), 'no hash of a report');
    return name;
  });
  await site.close();
}
