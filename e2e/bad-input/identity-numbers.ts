import { describe, expect, it, test } from '@jest/globals';
import { refusing } from './refused.js';
import { get, leadOf, post } from './requests.js';
import type { System } from './system.js';

/** B1, on single leads and in files. */
export function identityNumbers(system: () => System): void {
  const lead = leadOf(system);
  const refusedAs = refusing(system);
  describe('identity numbers, in every field and spelling (B1)', () => {
    // Of the tax agency's test series; nobody has them. The second is a samordningsnummer.
    const spellings = ['900101-9802', '900161-9809', '19900101-9802', '199001019802', '9001019802', '900101+9802',
    '900101 9802', '90 01 01 98 02', '900101–9802', '９００１０１９８０２', '16900101-9802', 'SE900101980201']; // prettier-ignore
    test.each(spellings)('%s', async (number) => {
      const compact = number.normalize('NFKC').replaceAll(/[^\w-]/g, '');
      const before = await system().counts();
      for (const field of ['name', 'company', 'title', 'phone', 'social', 'birthDate', 'age', 'email']) {
        const value = field === 'email' ? `${compact}@bolag.example` : field === 'name' ? `Anna ${number}` : number;
        await refusedAs(422, 'identity-number', { ask: lead({ [field]: value }), secrets: [number, compact] });
      }
      const { own } = system();
      const secrets = [number];
      await refusedAs(422, 'identity-number', { ask: lead({ source: `List ${number}` }), secrets });
      const told = { outcome: 'no-answer', informed: false, note: `Har nummer ${number}` };
      await refusedAs(422, 'identity-number', { ask: post(`leads/${own.lead}/outcomes`, told), secrets });
      const patch = { method: 'PATCH', path: `/api/v1/leads/${own.lead}`, json: { title: number } };
      await refusedAs(422, 'identity-number', { ask: patch, secrets });
      const stated = { mapping: { Namn: 'name', 'E-post': 'email' }, source: number, ground: 'legitimate-interest' };
      await refusedAs(422, 'identity-number', { ask: post(`imports/${own.import}/confirm`, stated), secrets });
      expect(await system().counts()).toEqual(before);
    });

    it('are refused in a file by row, column and reason, and never repeated; a phone that passes the checksum is none', async () => {
      const { own } = system();
      const cells = spellings.map((n) => `"Anna ${n}",anna@bolag.example,\nBerit Rad,berit@bolag.example,"${n}"`);
      const ok = ['Cecilia Mobil,,070-174 06 07', 'David Mobil,,+46 70 174 06 07'];
      const file = `Namn,E-post,Telefon\n${[...cells, ...ok].join('\n')}\n`;
      const uploaded = await system().ask('supervisor', {
        method: 'POST',
        path: `/api/v1/engagements/${own.engagement}/imports`,
        raw: file,
        headers: { 'content-type': 'text/csv' },
      });
      expect(uploaded.status).toBe(202);
      const id = uploaded.body['id'] as string;
      const mapping = { Namn: 'name', 'E-post': 'email', Telefon: 'phone' };
      const stated = { mapping, source: 'Trade register', ground: 'legitimate-interest' };
      expect((await system().ask('supervisor', post(`imports/${id}/confirm`, stated))).status).toBe(202);
      const done = async () => (await system().ask('supervisor', get(`imports/${id}`))).body;
      while (((await done())['state'] as string) !== 'done') await new Promise((r) => setTimeout(r, 50));
      expect(await done()).toMatchObject({ offered: 26, accepted: 2, merged: 0, refused: 24 });
      const rejects = await system().ask('supervisor', get(`imports/${id}/rejects`));
      const items = rejects.body['items'] as { row: number; column: string; reason: string }[];
      expect(new Set(items.map((i) => i.reason))).toEqual(new Set(['identity-number']));
      expect(new Set(items.map((i) => i.column))).toEqual(new Set(['Namn', 'Telefon']));
      for (const number of spellings) expect(rejects.text).not.toContain(number);
      await system().quiet();
    });
  });
}
