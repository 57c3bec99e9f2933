import { parsed, mailboxId, type Located } from '../mail/mailboxes.js';
import type { Controlled } from '../control.js';
import { bodyOf, refuse, type Handler } from '../control-words.js';
import { route, type Route } from '../web.js';
import { answerTo, NoInvitation, PARTICIPATION, type Participation } from './answer.js';

const MOST = 200;
const LONGEST_TEXT = 10_000;

/** Every mailbox's mail, and answering as the one who reads it. A mailbox is named by an id, so that no address stands in a URL. */
export function mailRoutes(c: Controlled): Route<Handler>[] {
  const find = (id: string | undefined): Located => {
    const found = c.mailboxes.all().find((m) => m.id === id);
    if (!found) throw refuse(404, 'not-found', 'No such message');
    return found;
  };
  const bytesOf = async ({ address, number }: Located) => (await c.mailboxes.raw(address, number)) as Buffer;
  return [
    route<Handler>('GET', '/sandbox/mail', async ({ query }) => {
      const limit = numberOf(query.get('limit') ?? '50', 1, MOST, 'limit');
      const mailbox = query.get('mailbox');
      const all = c.mailboxes.all().filter((m) => mailbox === null || mailboxId(m.address) === mailbox);
      const after = query.get('after');
      const from = after === null ? 0 : all.findIndex((m) => m.id === after) + 1;
      if (after !== null && from === 0) throw refuse(404, 'not-found', 'No such message to go on after');
      const page = all.slice(from, from + limit);
      return {
        mailboxes: mailboxesOf(c),
        total: all.length,
        items: await Promise.all(page.map(async (m) => headOf(m, await bytesOf(m)))),
        next: from + limit < all.length ? page.at(-1)!.id : null,
      };
    }),
    route<Handler>('GET', '/sandbox/mail/{id}', async (_, { id }) => {
      const found = find(id);
      const raw = await bytesOf(found);
      const { text, html, parts } = await parsed(raw);
      return { ...(await headOf(found, raw)), text: text ?? '', html: html ?? null, parts };
    }),
    route<Handler>('GET', '/sandbox/mail/{id}/raw', async (_, { id }) => ({
      status: 200,
      raw: await bytesOf(find(id)),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })),
    route<Handler>('POST', '/sandbox/mail/{id}/answer', async (asked, { id }) => {
      const found = find(id);
      const said = sayingOf(bodyOf(asked));
      const answer = await answerTo(await bytesOf(found), found.address, new Date(c.clock.now()), said).catch(
        (error: unknown) => {
          if (error instanceof NoInvitation)
            throw refuse(409, 'no-invitation', 'There is no invitation in this message to accept or decline');
          throw error;
        },
      );
      if (!answer.to) throw refuse(409, 'no-sender', 'The message does not say whom an answer would go to');
      await c.mailboxes.deliver([answer.to], answer.raw);
      const delivered = c.mailboxes.messages(answer.to).at(-1)!;
      return { status: 201, body: { id: delivered.id, to: answer.to, subject: answer.subject } };
    }),
  ];
}

export function mailboxesOf(c: Controlled) {
  return c.mailboxes.list().map(({ address, messages }) => ({ id: mailboxId(address), address, messages }));
}

async function headOf(message: Located, raw: Buffer) {
  const { id, address, arrivedAt, bytes } = message;
  const { from, to, subject, date, calendar } = await parsed(raw);
  return {
    ...{ id, mailbox: mailboxId(address), address, from: from[0] ?? '', to, subject: subject ?? '', bytes },
    sentAt: date?.toISOString() ?? null,
    arrivedAt: new Date(arrivedAt).toISOString(),
    calendar: calendar ?? null,
  };
}

function sayingOf(body: Record<string, unknown>): { text?: string; calendar?: Participation } {
  const { text, calendar, ...more } = body;
  const unknown = Object.keys(more);
  if (unknown.length) throw refuse(400, 'request-invalid', 'An answer has text, calendar, or both');
  if (text !== undefined && (typeof text !== 'string' || text.length > LONGEST_TEXT))
    throw refuse(400, 'request-invalid', `text is at most ${LONGEST_TEXT} characters`);
  if (calendar !== undefined && !(typeof calendar === 'string' && Object.hasOwn(PARTICIPATION, calendar)))
    throw refuse(400, 'request-invalid', `calendar is one of ${Object.keys(PARTICIPATION).join(', ')}`);
  if (!text && calendar === undefined) throw refuse(400, 'request-invalid', 'An answer has text, calendar, or both');
  return { ...(text ? { text: text as string } : {}), ...(calendar ? { calendar: calendar as Participation } : {}) };
}

export function numberOf(text: string, least: number, most: number, name: string): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most))
    throw refuse(400, 'request-invalid', `${name} is a number from ${least} to ${most}`);
  return number;
}
