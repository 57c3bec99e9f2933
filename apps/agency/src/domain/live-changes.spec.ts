import { ROLES, type Role } from '@avtala/access';
import { allEvents, metaOf } from '@avtala/contracts';
import { expect, it, test } from '@jest/globals';
import { idsOf, SHOWN_EVENTS, shownTo, UNSHOWN } from './live-changes.js';

const said = (role: Role, type: string) =>
  shownTo(role, type).map(({ kind, state, ids }) => `${kind} ${state} ${ids.join(',')}`.trim());

it('knows of every event whether it is shown: a new one must be decided about', () => {
  const decided = [...SHOWN_EVENTS, ...UNSHOWN].map((c) => metaOf(c).type).sort();
  expect(decided).toEqual(
    allEvents()
      .map(({ meta }) => meta.type)
      .sort(),
  );
  for (const { type } of UNSHOWN.map(metaOf)) for (const role of ROLES) expect(said(role, type)).toEqual([]);
});

it('shows holds to the data protection officer alone, whatever they will be called', () => {
  for (const { type } of allEvents().map((e) => e.meta))
    if (/hold/.test(type))
      for (const role of ROLES) if (role !== 'dpo') expect([type, said(role, type)]).toEqual([type, []]);
});

const GONE = ['lead gone leadId'];
test.each<[type: string, booker: string[], oversight: string[], client: string[]]>([
  ['lead.registered.v1', ['lead registered'], ['lead registered'], []],
  ['lead.changed.v1', ['lead changed leadId'], ['lead changed leadId'], []],
  ['lead.contacted.v1', ['lead contacted leadId'], ['lead contacted leadId'], []],
  ['booking-link.answered.v1', ['lead answered leadId'], ['lead answered leadId'], []],
  ['lead.objected.v1', GONE, ['lead objected leadId'], []],
  ['lead.restricted.v1', GONE, ['lead restricted leadId'], []],
  ['lead.released.v1', ['lead changed leadId'], ['lead released leadId'], []],
  ['lead.erasure-ordered.v1', GONE, ['lead erasing leadId', 'erasure ordered orderId,leadId'], []],
  [
    'engagement.erasure-ordered.v1',
    ['engagement erasing'],
    ['engagement erasing', 'erasure ordered orderId,leadId'],
    ['engagement erasing'],
  ],
  ['erasure.receipt.v1', [], ['erasure receipt orderId,leadId'], []],
  ['erasure.cleared.v1', [], ['erasure cleared orderId,leadId'], []],
  ['erasure.completed.v1', [], ['erasure completed orderId,leadId'], ['erasure completed orderId']],
  ['erasure.incomplete.v1', [], ['erasure incomplete orderId,leadId'], ['erasure incomplete orderId']],
  [
    'meeting.booked.v1',
    ['meeting booked bookingId,leadId,hostId'],
    ['meeting booked bookingId,leadId,hostId'],
    ['meeting booked bookingId,hostId'],
  ],
  [
    'meeting.cancelled.v1',
    ['meeting cancelled bookingId,leadId,hostId'],
    ['meeting cancelled bookingId,leadId,hostId'],
    ['meeting cancelled bookingId,hostId'],
  ],
  ['invite.failed.v1', ['invite failed bookingId'], ['invite failed bookingId'], []],
  ['crm.sync-failed.v1', [], ['push failed leadId,connectionId,bookingId'], []],
  ['engagement.changed.v1', ['engagement changed'], ['engagement changed'], ['engagement changed']],
])('%s is told to each role as it may see it', (type, booker, oversight, client) => {
  const roles = { booker, supervisor: oversight, admin: oversight, dpo: oversight, client };
  expect(Object.fromEntries(ROLES.map((role) => [role, said(role, type)]))).toEqual(roles);
});

it('carries ids alone: no outcome, reason, field name, code or count of a receipt', () => {
  const event = {
    leadId: 'l',
    orderId: 'o',
    outcome: 'objected',
    reason: 'request',
    fields: ['email'],
    counts: { left: 1 },
  };
  for (const role of ROLES)
    for (const { meta } of allEvents())
      for (const shown of shownTo(role, meta.type))
        for (const name of Object.keys(idsOf(shown, event))) expect(name).toMatch(/^(lead|order)Id$/);
});
