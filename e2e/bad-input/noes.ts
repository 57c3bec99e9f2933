import { beforeAll, describe, expect, test } from '@jest/globals';
import { changesNothing, refusing } from './refused.js';
import { leadOf, post } from './requests.js';
import type { System } from './system.js';

/** B5: whoever said no is recognised however they are written. */
export function saidNo(system: () => System): void {
  const lead = leadOf(system);
  const refusedAs = refusing(system);
  describe('a "no" is recognised in every spelling (B5)', () => {
    beforeAll(async () => {
      for (const who of [
        { email: 'nina.nej@bolag.example' },
        { phone: '070-174 06 42' },
        { email: 'nina.nej@gmail.com' },
      ])
        expect((await system().ask('dpo', post('suppressions', who))).status).toBe(201);
      await system().quiet();
    });
    changesNothing(system);

    test.each([
      ['as it was', { email: 'nina.nej@bolag.example' }],
      ['in capitals', { email: 'NINA.NEJ@BOLAG.EXAMPLE' }],
      ['with a plus-tag', { email: 'nina.nej+mässa@bolag.example' }],
      ['with a dot behind the domain', { email: 'Nina.Nej@bolag.example.' }],
      ['in full width', { email: 'ｎｉｎａ.ｎｅｊ@bolag.example' }],
      ['without the dots Gmail does not see', { email: 'ninanej@googlemail.com' }],
      ['a number as it was', { email: undefined, phone: '070-174 06 42' }],
      ['a number of digits', { email: undefined, phone: '0701740642' }],
      ['a number with its country', { email: undefined, phone: '+46701740642' }],
      ['a number dialled from abroad', { email: undefined, phone: '0046 70 174 06 42' }],
      ['a number as on a card', { email: undefined, phone: '+46 (0)70-174 06 42' }],
      ['a number beside an address nobody knows', { email: 'annan@bolag.example', phone: '070.174.06.42' }],
    ])('%s', async (_, contact) => {
      const secrets = Object.values(contact).filter((v) => v !== undefined);
      await refusedAs(422, 'suppressed', { ask: lead(contact), secrets });
      const patch = { method: 'PATCH', path: `/api/v1/leads/${system().own.lead}`, json: contact };
      await refusedAs(422, 'suppressed', { ask: patch, secrets });
    });
  });
}
