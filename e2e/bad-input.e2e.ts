import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { access } from './bad-input/access.js';
import { anyValue } from './bad-input/any-value.js';
import { everyRoute } from './bad-input/every-route.js';
import { identityNumbers } from './bad-input/identity-numbers.js';
import { keys } from './bad-input/keys.js';
import { largeFiles } from './bad-input/large-files.js';
import { saidNo } from './bad-input/noes.js';
import { onceOnly } from './bad-input/once.js';
import { openDoors } from './bad-input/open-doors.js';
import { changesNothing, refusing, sentSecrets } from './bad-input/refused.js';
import { sessions } from './bad-input/sessions.js';
import { startSystem, type System } from './bad-input/system.js';
import { FILES } from './bad-input/table-of-files.js';
import { LEADS } from './bad-input/table-of-leads.js';
import { SHAPES } from './bad-input/table-of-shapes.js';
import { TIMES } from './bad-input/table-of-times.js';
import { RETENTION } from './bad-input/table-of-vendors.js';

let system: System;
const running = () => system;
const refusedAs = refusing(running);
beforeAll(async () => {
  system = await startSystem();
  await system.quiet();
}, 150_000);
afterAll(() => system?.stop(), 60_000);

describe.each([
  ['leads', LEADS],
  ['files', FILES],
  ['times', TIMES],
  ['retention and vendors', RETENTION],
  ['requests that are none', SHAPES],
])('what bad input gets: %s', (_, table) => {
  changesNothing(running);
  test.each(table)('%s → %i %s', async (_title, status, code, make) => {
    await refusedAs(status, code, make(system));
  });
});

identityNumbers(running);
saidNo(running);
access(running);
sessions(running);
onceOnly(running);
keys(running);
openDoors(running);
largeFiles(running);
everyRoute(running);
anyValue(running);

describe('afterwards', () => {
  it('nothing of all this is in what the system printed, and nothing surprised it', async () => {
    const printed = await system.printed();
    expect(printed).toContain('"event":"sign-in.refused"'); // the right file
    expect(sentSecrets.size).toBeGreaterThan(60);
    for (const secret of sentSecrets) expect(printed.includes(secret) ? secret : '').toBe('');
    const lines = printed.split('\n').filter(Boolean);
    expect(lines.filter((line) => !line.startsWith('{'))).toEqual([]);
    expect(lines.filter((line) => /http\.unexpected|nest\.error|"level":"error"/.test(line))).toEqual([]);
  });
});
