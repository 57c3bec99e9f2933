import { fileURLToPath } from 'node:url';

/** Where tools/build-web.mjs puts the console; the same from src/ and from dist/. */
export const SITE_DIR = fileURLToPath(new URL('../../booker-web/dist/site', import.meta.url));
