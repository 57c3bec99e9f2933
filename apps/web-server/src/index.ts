/** Serves the console: its files, and one page for every address of its own. Read first: `site.ts`. */
export { SITE_DIR } from './site-dir.js';
export { openSite, type SiteOptions } from './site.js';
