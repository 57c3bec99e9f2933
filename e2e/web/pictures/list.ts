import { simpleParser } from 'mailparser';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Console, Role } from '../console.js';
import { deskWorld, type DeskWorld } from '../desk-world.js';
import { person } from '../people.js';
import { businessTime, freeSlots, takeIn, wait, type World } from '../world.js';

/** What is there to be photographed, by id. */
export interface Scene {
  readonly console: Console;
  readonly world: World;
  readonly desk: DeskWorld;
}

/** One picture of a real screen, made in Swedish and English: `docs/pictures/<name>.<language>.png`. */
export interface Picture {
  readonly name: string;
  readonly who: Role | 'nobody';
  readonly path: string | ((scene: Scene) => string | Promise<string>);
  /** 1440×900 where not said. */
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  /** Brings the page into the state that is shown. */
  readonly then?: (page: Page, language: 'sv' | 'en') => Promise<void>;
}

/** Each screen adds its own here. */
export const PICTURES: readonly Picture[] = [
  { name: 'sign-in', who: 'nobody', path: '/sign-in', width: 1280, height: 720 },
  { name: 'calling', who: 'booker', path: ({ desk }) => `/calling?engagement=${desk.engagementId}`, then: slotChosen },
  {
    name: 'calling.dark',
    who: 'booker',
    path: ({ desk }) => `/calling?engagement=${desk.engagementId}`,
    scheme: 'dark',
    then: slotChosen,
  },
  { name: 'my-day', who: 'booker', path: '/my-day' },
  { name: 'leads', who: 'supervisor', path: '/leads?sort=oldest' },
  { name: 'lead', who: 'supervisor', path: ({ world }) => `/leads/${world.meetings[2]!.leadId}` },
  { name: 'import', who: 'supervisor', path: '/leads/import' },
  { name: 'meetings', who: 'supervisor', path: (scene) => `/meetings?week=${weekOf(scene)}` },
  { name: 'meetings-week', who: 'supervisor', path: (scene) => `/meetings?view=week&week=${weekOf(scene)}` },
  {
    name: 'meetings.small',
    who: 'supervisor',
    path: (scene) => `/meetings?week=${weekOf(scene)}`,
    width: 390,
    height: 844,
  },
  { name: 'floor', who: 'supervisor', path: '/floor' },
  { name: 'audit', who: 'dpo', path: '/audit' },
  { name: 'staff', who: 'admin', path: '/staff' },
  { name: 'settings', who: 'admin', path: '/settings' },
  { name: 'overview', who: 'client', path: '/overview' },
  { name: 'engagement', who: 'admin', path: ({ world }) => `/engagements/${world.engagements[0]!.id}?tab=rules` },
  { name: 'mapping', who: 'admin', path: ({ world }) => `/engagements/${world.engagements[0]!.id}?tab=mapping` },
  { name: 'sync', who: 'supervisor', path: '/sync' },
  { name: 'pick-a-time', who: 'nobody', path: pickATime, then: timePicked },
  { name: 'pick-a-time.small', who: 'nobody', path: pickATime, width: 390, height: 844, then: timePicked },
  { name: 'sandbox-mail', who: 'admin', path: '/sandbox-mail' },
  { name: 'sandbox-crm', who: 'admin', path: '/sandbox-crm' },
];

/** Those that are made after the first engagement has ended, months later. */
export const AFTER_THE_END: readonly Picture[] = [
  { name: 'privacy', who: 'dpo', path: '/privacy-centre' },
  { name: 'erasure', who: 'dpo', path: erasure, then: recipientOpened },
  { name: 'erasure.dark', who: 'dpo', path: erasure, scheme: 'dark', then: recipientOpened },
  { name: 'certificates', who: 'dpo', path: '/privacy-centre/certificates' },
];

/** An engagement with the client's CRM, and some calls behind it: promises for later, refusals, a meeting. */
export async function theDesk(console: Console): Promise<DeskWorld> {
  const desk = await deskWorld(console, { name: 'Kvarnlid Serviceavtal', first: 3000, leads: 24, bookers: 1 });
  const admin = await console.as('admin');
  await admin.post('/api/v1/crm-connections', {
    ...{ engagementId: desk.engagementId, kind: 'hubspot', region: 'eu1', portalId: '1001' },
    refreshToken: 'sandbox-refresh-1001',
  });
  const booker = await console.as('booker');
  const now = await businessTime(admin);
  const [met, ...called] = desk.leads.slice(-7);
  const { hostId, startsAt } = (await freeSlots(booker, desk.meetingTypeId)).at(20)!;
  const { id: bookingId } = await booker.post<{ id: string }>('/api/v1/bookings', {
    ...{ meetingTypeId: desk.meetingTypeId, leadId: met, hostId, startsAt },
  });
  const outcomes = [
    [met, { outcome: 'booked', bookingId }],
    [called[0], { outcome: 'no-answer' }],
    [called[1], { outcome: 'busy' }],
    [called[2], { outcome: 'not-interested' }],
    [called[3], { outcome: 'callback', callback: 'personal', callbackAt: now.add({ minutes: 35 }).toString() }],
    [called[4], { outcome: 'callback', callback: 'shared', callbackAt: now.add({ hours: 3 }).toString() }],
    [called[5], { outcome: 'no-answer' }],
  ] as const;
  for (const [leadId, outcome] of outcomes)
    await booker.post(`/api/v1/leads/${leadId}/outcomes`, { informed: outcome.outcome !== 'no-answer', ...outcome });
  return desk;
}

/** What the link in a mail leads to. Somebody new each time: a link is for one person, and once. */
async function pickATime({ console, world }: Scene): Promise<string> {
  const admin = await console.as('admin');
  const [engagement] = world.engagements;
  const n = 3100 + links++;
  const [leadId] = await takeIn(admin, engagement!.id, n, 1);
  await admin.post('/api/v1/booking-links', { meetingTypeId: engagement!.meetingTypeId, leadId, askedByLead: true });
  await wait(admin, { minutes: 1 });
  const box = join(console.dir, 'sandbox', 'mailbox', person(n).email);
  const [mail] = await readdir(box);
  const { text } = await simpleParser(await readFile(join(box, mail!)));
  return `${/\/p\/[A-Za-z0-9_-]+/.exec(text!)![0]}?zone=Europe/Helsinki`;
}

async function timePicked(page: Page, language: 'sv' | 'en'): Promise<void> {
  if (language === 'en') await page.getByRole('link', { name: 'English' }).click();
  await page.getByRole('radio').first().check();
}
let links = 0;

/** Notice after the binding month, the contract's end, and on until its data is erased (A1, A7, E1). */
export async function theEnd({ console, world }: Scene): Promise<void> {
  const engagementId = world.engagements[0]!.id;
  await wait(await console.as('admin'), { hours: 24 * 32 });
  const admin = await console.as('admin');
  const notice = await admin.post<{ effectiveEndAt: string }>(`/api/v1/engagements/${engagementId}/notice`, {});
  const now = await businessTime(admin);
  await wait(admin, now.until(Temporal.Instant.from(notice.effectiveEndAt).add({ minutes: 1 })));
  // Not quite to its last day: some have answered, some are waited for.
  for (let day = 0; day < 120 && !(await orderOf(console, engagementId)); day++)
    await wait(await console.as('admin'), { hours: 24 });
}

/** The erasure order of an engagement as a whole. */
async function orderOf(console: Console, engagementId: string): Promise<string | undefined> {
  const dpo = await console.as('dpo');
  const { items } = await dpo.get<{ items: { id: string }[] }>(
    `/api/v1/erasures?scope=engagement&engagementId=${engagementId}`,
  );
  return items[0]?.id;
}

async function erasure({ console, world }: Scene): Promise<string> {
  return `/privacy-centre/erasures/${await orderOf(console, world.engagements[0]!.id)}`;
}

/** The one that is waited for stands first. */
async function recipientOpened(page: Page): Promise<void> {
  await page.getByRole('table').getByRole('button', { expanded: false }).first().click();
}

const weekOf = ({ world }: Scene): string => world.meetings[2]!.startsAt.slice(0, 10);

/** In the middle of a call: a time chosen, the script's third step, a note begun. */
async function slotChosen(page: Page): Promise<void> {
  await page.locator('#lead-name').waitFor();
  await page.keyboard.press('Space');
  await page.keyboard.press('1');
  await page.getByRole('radio', { checked: true }).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('t');
  await page.keyboard.type('Två bearbetningscentra, ställtid cirka 45 min. Beslutar ihop med produktionschefen.');
  await page.keyboard.press('Escape');
}
