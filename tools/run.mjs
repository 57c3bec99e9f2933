// `node tools/run.mjs PROGRAM [ARGUMENTS]`: builds, then becomes the program. One process, so that a signal to `npm start` reaches it:
// a shell between two commands would die of it and leave the second running.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';

await build();
const program = resolve(process.argv[2]);
process.argv.splice(1, 2, program);
await import(pathToFileURL(program).href);
