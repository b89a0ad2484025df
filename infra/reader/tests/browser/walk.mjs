// Walks the pages of a served archive in Chromium and checks what they show against the archive's own bytes.
//
//   node walk.mjs ADDRESS ARCHIVE PICTURES [empty | growing | any | odd | roster]
//
// ADDRESS is the first address, with its token; ARCHIVE the folder that is served; pictures of the pages go into PICTURES.
// `empty`: the archive has nothing; `growing`: it is being indexed; `odd`: it is the archive of oddities; `roster`: that with its roster; `any`: it is any other.
import { readArchive } from './archive.mjs';
import { checkEmptyArchive, checkGrowingArchive } from './empty_archive.mjs';
import { checkEveryPage } from './every_page.mjs';
import { Checks, startBrowser } from './harness.mjs';
import { checkKeyboard } from './keyboard.mjs';
import { checkOddities } from './oddities.mjs';
import { checkPrint } from './print.mjs';
import { checkRoster } from './roster.mjs';
import { checkSessions } from './sessions.mjs';

const [base, folder, screenshots, mode = 'any'] = process.argv.slice(2);
const browser = await startBrowser();
const checks = new Checks();
const given = { base, folder, screenshots, browser, archive: readArchive(folder), each: 2, looks: mode === 'empty' ? 1 : 3 };
if (mode === 'empty') {
  await checkEmptyArchive(checks, given);
} else if (mode === 'growing') {
  await checkGrowingArchive(checks, given);
} else if (mode === 'roster') {
  await checkRoster(checks, given);
} else {
  await checkSessions(checks, given);
  if (mode === 'odd') await checkOddities(checks, given);
  await checkKeyboard(checks, given);
  await checkPrint(checks, given);
}
if (!['growing', 'roster'].includes(mode)) await checkEveryPage(checks, given);
await browser.close();
process.exitCode = checks.end();
