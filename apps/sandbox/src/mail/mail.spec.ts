import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { Rig } from '../rig.js';
import { Mailboxes } from './mailboxes.js';

let rig: Rig;
beforeAll(async () => void (rig = await Rig.start()));
afterAll(() => rig.stop());

const send = (mail: SendMailOptions) =>
  createTransport({ url: rig.sandbox.urls.smtp, ignoreTLS: true } as never).sendMail({
    ...{ from: 'bokning@avtala.example', date: new Date(0), messageId: '<fixed@avtala.example>' },
    ...{ baseBoundary: 'fixed', ...mail },
  } as SendMailOptions);

const invite = (to: string, sequence: number, summary = 'Möte'): SendMailOptions => ({
  ...{ to, subject: 'Inbjudan', text: 'Välkommen' },
  icalEvent: {
    method: 'REQUEST',
    content: `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:b1@avtala.example\r\nSEQUENCE:${sequence}\r\nSUMMARY:${summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
  },
});

it('stores a message byte for byte in its readers’ folders, and reads it', async () => {
  await send({ to: ['Åsa <asa@kund.example>', 'bo@kund.example'], subject: 'Hej Åsa', text: 'Tid: nio' });
  const file = await readFile(join(rig.dir, 'mailbox', 'asa@kund.example', '001.eml'), 'utf8');
  expect(file).toContain('Message-ID: <fixed@avtala.example>');
  const { body } = await rig.control('GET', '/mailboxes/asa@kund.example');
  expect(Buffer.from(body.messages[0].raw, 'base64').toString('utf8')).toBe(file);
  expect(body.messages[0].parsed).toMatchObject({ subject: 'Hej Åsa', text: 'Tid: nio\n' });
  expect((await rig.control('GET', '/mailboxes')).body).toContainEqual({ address: 'bo@kund.example', messages: 1 });
});

it('tells a repeat from a twin', async () => {
  await send(invite('lead@kund.example', 0));
  await send(invite('lead@kund.example', 0)); // byte for byte the same
  await send(invite('lead@kund.example', 1));
  await send(invite('lead@kund.example', 1, 'Annat'));
  const before = (await rig.control('GET', '/invites')).body;
  expect(before).toMatchObject({ received: 2, resent: 1, duplicates: 1 });
  await rig.restart();
  expect((await rig.control('GET', '/invites')).body).toEqual(before);
});

it('takes a message and then says nothing', async () => {
  await rig.misbehave('mail', { kind: 'timeout-after-commit', ms: 20, match: 'late@kund.example' });
  await expect(send({ to: 'late@kund.example', subject: 'x', text: 'x' })).rejects.toThrow();
  expect((await rig.control('GET', '/mailboxes')).body).toContainEqual({ address: 'late@kund.example', messages: 1 });
});

it.each([['451'], ['550']])('refuses with %s and keeps nothing', async (kind) => {
  await rig.misbehave('mail', { kind });
  await expect(send({ to: `no${kind}@kund.example`, subject: 'x', text: 'x' })).rejects.toMatchObject({
    responseCode: Number(kind),
  });
  expect((await rig.control('GET', `/mailboxes/no${kind}@kund.example`)).body.messages).toEqual([]);
});

it.each([['../../up@kund.example'], ['..'], ['a/b@kund.example']])(
  'keeps the mailbox of %s inside its folder',
  async (address) => {
    const boxes = await Mailboxes.open(rig.dir);
    await boxes.deliver([address], Buffer.from(`Subject: kept for ${address}\r\n\r\n`));
    const [file] = await rig.filesWith(`Subject: kept for ${address}`);
    expect(file?.startsWith(join(rig.dir, 'mailbox') + sep)).toBe(true);
    expect((await boxes.raw(address, 1))?.toString()).toContain('kept for');
  },
);
