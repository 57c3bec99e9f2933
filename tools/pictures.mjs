// `npm run pictures [NAME]`: docs/pictures/ anew, from the real screens on seeded data. Which ones: e2e/web/pictures/list.ts.
import { jest, root, run } from './jest.mjs';

await run(process.execPath, [`${root}/tools/build.mjs`]);
const name = process.argv[2];
const { failed, skipped } = await jest('pictures', { workers: 1, args: name ? ['-t', ` ${name},`] : [] });
if (skipped && !name) console.error('No pictures without Chromium (apt install chromium)');
process.exit(failed || (skipped && !name) ? 1 : 0);
