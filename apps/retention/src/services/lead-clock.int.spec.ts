import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { contacted, ended, registered, Rig, staff, started } from '../../test/rig.js';
import { LeadClocks } from './lead-clock.service.js';

let rig: Rig;
beforeAll(async () => (rig = await Rig.start('2027-01-10T09:00:00Z')));
afterAll(() => rig.stop());

const clocks = () => rig.service.app.get(LeadClocks);
const booker = (engagementId: string) => ({ ...staff(engagementId), role: 'booker' as const });
const claim = () => ({ principal: 'test', route: 'POST /privacy-requests', key: randomUUID(), bodyHmac: Buffer.alloc(32) }); // prettier-ignore

it('B8, E1: by when a person is gone, and why; after the order, the order, which bookers are not told of', async () => {
  const [id, untold, told] = [randomUUID(), randomUUID(), randomUUID()];
  await rig.send('agency', started(id));
  await rig.send('lead-intake', registered(id, untold), registered(id, told), contacted(id, told));
  await rig.quiet();
  expect(await clocks().read(booker(id), untold)).toEqual({
    ...{ leadId: untold, engagementId: id, informBy: '2027-02-10T09:00:00.000Z', toldAt: null, retentionMonths: 2 },
    ...{ engagementEndedAt: null, eraseBy: null, erasesFrom: null, order: null },
  });
  expect(await clocks().read(staff(id), told)).toMatchObject({ informBy: null, toldAt: '2027-01-11T09:00:00.000Z' });
  await expect(clocks().read(staff(randomUUID()), told)).rejects.toMatchObject({ kind: 'missing' });

  await rig.send('agency', ended(id));
  await rig.quiet();
  expect(await clocks().read(staff(id), told)).toMatchObject({
    engagementEndedAt: '2027-03-31T22:00:00Z',
    eraseBy: '2027-06-01',
    erasesFrom: '2027-04-24T22:00:00Z',
    order: null,
  });

  const order = await rig.erasures.request(staff(id), { leadId: told, kind: 'erasure' }, claim());
  await rig.quiet(); // our own clock of the person is forgotten by now
  expect(await clocks().read(staff(id), told)).toMatchObject({
    order: { id: order.id, reason: 'request', state: 'ordered' },
  });
  await expect(clocks().read(booker(id), told)).rejects.toMatchObject({ kind: 'missing' });
});
