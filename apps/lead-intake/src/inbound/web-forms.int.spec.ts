import { catalogProblems } from '@avtala/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { Bench, NOW, STATED } from '../../test/bench.js';
import { unheard } from '../../test/unheard.js';
import { FormConfirmation } from '../services/form-confirmation.service.js';
import { FormDoor } from '../services/form-door.service.js';
import { FormTokens } from '../services/form-tokens.js';
import { Intake } from '../services/intake.service.js';
import { FormSweep } from './form-sweep.js';

let bench: Bench;
let url: string;
let smtp: SMTPServer;
let engagementId: string;
const mails: (ParsedMail & { raw: string })[] = [];
/** What the mail server says next, instead of taking the mail. */
let mood: { code: number } | null = null;

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refuse = mood;
        mood = null;
        if (refuse) return done(Object.assign(new Error('no'), { responseCode: refuse.code }));
        const raw = Buffer.concat(chunks).toString();
        void simpleParser(raw).then((mail) => {
          mails.push(Object.assign(mail, { raw }));
          done();
        });
      });
    },
  });
  await new Promise<void>((ready) => smtp.listen(0, '127.0.0.1', ready));
  const { port } = smtp.server.address() as { port: number };
  bench = await Bench.open({ SMTP_URL: `smtp://127.0.0.1:${port}`, AVTALA_ORIGIN: 'https://avtala.example' });
  await bench.app.listen(0, '127.0.0.1');
  url = await bench.app.getUrl();
});
afterAll(async () => {
  await bench.close();
  await new Promise<void>((closed) => smtp.close(closed));
});
beforeEach(async () => {
  mood = null;
  bench.clock.set(NOW);
  await bench.runDue(); // mail that the test before left
  mails.length = 0;
  engagementId = await bench.engagement({ controller: 'Klienten & Co AB' });
  await bench.sql('delete from lead_intake.form_use');
});

const ORIGIN = 'https://www.client.example';
const FORM = {
  name: 'Formuläret på startsidan',
  language: 'sv',
  origins: [ORIGIN],
  consent: { version: '2027-01', wording: 'Ni får ringa mig om mötet <snart>.' },
  marketing: { version: 'm1', wording: 'Ni får skicka nyhetsbrev.' },
};

async function staff(method: string, path: string, body?: unknown, caller = bench.caller('supervisor', engagementId)) {
  const response = await fetch(`${url}/api/v1/engagements/${engagementId}/${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      'test-caller': JSON.stringify(caller),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read answers field by field
  return { status: response.status, body: (await response.json()) as any };
}

const form = async (over: object = {}) => (await staff('POST', 'forms', { ...FORM, ...over })).body.id as string;
/** A token as old as it takes a person to fill a form in. */
const token = (formId: string, ageMs = 10_000) => bench.get(FormTokens).timeToken(formId, Date.now() - ageMs);

async function submit(
  formId: string,
  fields: Record<string, unknown>,
  o: { origin?: string | null; urlencoded?: boolean; token?: string } = {},
) {
  const all = { token: o.token ?? token(formId), ...fields };
  const origin = o.origin === undefined ? ORIGIN : o.origin;
  const response = await fetch(`${url}/api/v1/public/forms/${formId}`, {
    method: 'POST',
    headers: {
      'content-type': o.urlencoded ? 'application/x-www-form-urlencoded' : 'application/json',
      ...(origin ? { origin } : {}),
      cookie: '__Host-avtala=forged',
    },
    body: o.urlencoded ? new URLSearchParams(all as Record<string, string>).toString() : JSON.stringify(all),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}
const PERSON = { name: 'Åsa Ek', email: 'asa@bolaget.example', company: 'Bolaget AB' };

const linkIn = (mail: ParsedMail) => new URL(/https:\/\/\S+\/confirm\/\S+/.exec(mail.text!)![0]).pathname;
async function page(path: string, answer?: string) {
  const response = await fetch(url + path, {
    ...(answer === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: `answer=${answer}`,
        }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}
const leads = () => bench.count('lead', 'engagement_id = $1', [engagementId]);
const submissions = () =>
  bench.sql<{ id: string; state: string; sealed: Buffer | null }>(
    'select id, state, sealed from lead_intake.web_submission where engagement_id = $1',
    [engagementId],
  );

describe('a person who fills in a form (C7)', () => {
  it('is nobody’s lead until they press the button in the page their mail leads to', async () => {
    const id = await form();
    const shown = await fetch(`${url}/api/v1/public/forms/${id}`, { headers: { origin: ORIGIN } });
    expect(shown.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(shown.headers.get('access-control-allow-credentials')).toBeNull();
    expect(shown.headers.get('set-cookie')).toBeNull();
    expect(await shown.json()).toMatchObject({ id, consent: FORM.consent, marketing: FORM.marketing, language: 'sv' });

    expect(await submit(id, { ...PERSON, marketing: true })).toMatchObject({ status: 202, text: '{"accepted":true}' });
    expect(await leads()).toBe(0);
    await bench.runDue();
    expect(mails).toHaveLength(1);
    const [mail] = mails;
    expect(mail!.messageId).toMatch(/^<form\.[0-9a-f-]{36}@agency\.example>$/);
    expect(mail!.raw).not.toMatch(/Åsa|=C3=85sa|Bolaget AB/);
    expect(await leads()).toBe(0);
    expect(await bench.events('lead.registered.v1')).not.toContainEqual(expect.objectContaining({ engagementId }));

    const link = linkIn(mail!);
    const asked = await page(link);
    expect(asked.status).toBe(200);
    expect(asked.text).toContain('Klienten &#38; Co AB');
    expect(asked.text).toContain('&#60;snart&#62;');
    expect(asked.text).not.toMatch(/Åsa|asa@|<script/);
    expect(asked.text.length).toBeLessThan(15_000);
    expect(asked.headers.get('set-cookie')).toBeNull();
    expect(asked.headers.get('referrer-policy')).toBe('no-referrer');
    expect(asked.headers.get('x-robots-tag')).toContain('noindex');
    expect(asked.headers.get('cache-control')).toBe('no-store');
    await page(link); // scanners open links; that changes nothing
    expect(await leads()).toBe(0);

    expect((await page(link, 'yes')).text).toContain('hör av sig');
    expect((await page(link, 'yes')).status).toBe(200);
    expect(await leads()).toBe(1);
    const told = (await bench.events('lead.registered.v1')).filter((e) => e.engagementId === engagementId);
    expect(told).toMatchObject([{ ground: 'consent' }]);
    const ledger = await bench.sql(
      'select purpose, version, wording from lead_intake.consent_entry where engagement_id = $1 order by purpose',
      [engagementId],
    );
    expect(ledger).toEqual([
      { purpose: 'contact', ...FORM.consent },
      { purpose: 'marketing', ...FORM.marketing },
    ]);
    const [submission] = await submissions();
    expect(submission).toMatchObject({ state: 'confirmed', sealed: null });
    expect(await bench.vault.remaining('import', [submission!.id])).toBe(0);
  });

  it('with the name and number of somebody who has another address is taken in by the address that was confirmed', async () => {
    const id = await form();
    const known = { name: 'Bo Dubbel', phone: '070-174 06 88' };
    const boss = bench.caller('supervisor', engagementId);
    await bench
      .get(Intake)
      .register(boss, engagementId, bench.claim(), { ...known, email: 'bo@bolaget.example' }, STATED);
    await submit(id, { ...known, email: 'bo@privat.example' });
    await bench.runDue();
    expect((await page(linkIn(mails.at(-1)!), 'yes')).text).toContain('hör av sig');
    expect(await leads()).toBe(2);
  });

  it('who is being erased is told to come back, and is taken in then', async () => {
    const id = await form();
    const raw = { name: 'Cia Snart', email: 'cia@snart.example' };
    const boss = bench.caller('supervisor', engagementId);
    const { id: leadId } = await bench.get(Intake).register(boss, engagementId, bench.claim(), raw, STATED);
    await bench.sql(
      `insert into lead_intake.tombstone (kind, id, engagement_id, order_id) values ('lead', $1, $2, $3)`,
      [leadId, engagementId, randomUUID()],
    );
    await submit(id, raw);
    await bench.runDue();
    const link = linkIn(mails.at(-1)!);
    expect(await page(link, 'yes')).toMatchObject({ status: 503, text: expect.stringContaining('om ett dygn') });
    await bench.sql('delete from lead_intake.lead where id = $1', [leadId]);
    expect((await page(link, 'yes')).text).toContain('hör av sig');
  });

  it('without the box for marketing ticked there is no such consent', async () => {
    const id = await form();
    await submit(id, { ...PERSON }, { urlencoded: true });
    await bench.runDue();
    await page(linkIn(mails[0]!), 'yes');
    expect(
      await bench.sql('select purpose from lead_intake.consent_entry where engagement_id = $1', [engagementId]),
    ).toEqual([{ purpose: 'contact' }]);
  });

  it('as a browser’s own form it is answered with a page', async () => {
    const id = await form({ language: 'en' });
    const answer = await submit(id, { ...PERSON, marketing: 'on' }, { urlencoded: true });
    expect(answer).toMatchObject({ status: 202, text: expect.stringContaining('Thank you') });
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
  });

  it('who presses no is erased at once', async () => {
    const id = await form();
    await submit(id, PERSON);
    await bench.runDue();
    const { id: submission } = (await submissions())[0]!;
    const link = linkIn(mails[0]!);
    expect((await page(link, 'no')).text).toContain('raderade');
    expect(await submissions()).toEqual([]);
    expect(await bench.vault.remaining('import', [submission])).toBe(0);
    expect(await bench.count('due', 'key = $1', [submission])).toBe(0);
    expect((await page(link, 'yes')).status).toBe(410);
    expect(await leads()).toBe(0);
  });

  it('who does nothing is erased after seven days, key and all', async () => {
    const id = await form();
    await submit(id, PERSON);
    await bench.runDue();
    const { id: submission } = (await submissions())[0]!;
    bench.clock.set('2027-03-08T09:00:01Z');
    const link = linkIn(mails[0]!);
    expect((await page(link)).status).toBe(410);
    expect((await page(link, 'yes')).status).toBe(410);
    await bench.runDue();
    expect(await submissions()).toEqual([]);
    expect(await bench.vault.remaining('import', [submission])).toBe(0);
    expect(await leads()).toBe(0);
  });

  it('two presses at once make one lead', async () => {
    const id = await form();
    await submit(id, PERSON);
    await bench.runDue();
    const link = linkIn(mails[0]!);
    const answers = await Promise.all([page(link, 'yes'), page(link, 'yes'), page(link, 'yes')]);
    expect(answers.map((a) => a.status)).toEqual([200, 200, 200]);
    expect(await leads()).toBe(1);
    expect(await bench.count('consent_entry', 'engagement_id = $1', [engagementId])).toBe(1);
  });

  it('a yes and a no at once: a lead or nothing, and each answer says which', async () => {
    const id = await form();
    const confirmation = bench.get(FormConfirmation);
    for (const first of ['yes', 'no'] as const) {
      mails.length = 0;
      await submit(id, { ...PERSON, name: `Åsa ${first}`, email: `${first}@bolaget.example` });
      await bench.runDue();
      const link = linkIn(mails[0]!);
      const look = confirmation.look.bind(confirmation);
      let other: { text: string } | undefined;
      // The other button is pressed, in another window, between the second one's look and its act.
      const between = jest.spyOn(confirmation, 'look').mockImplementationOnce(async (token) => {
        const asked = await look(token);
        other = await page(link, first);
        return asked;
      });
      const second = await page(link, first === 'yes' ? 'no' : 'yes');
      between.mockRestore();
      if (first === 'yes') {
        expect(other!.text).toContain('hör av sig');
        expect(second.text).toContain('hör av sig');
        expect(await leads()).toBe(1);
        expect(await bench.count('web_submission', `engagement_id = $1 and state = 'confirmed'`, [engagementId])).toBe(
          1,
        );
      } else {
        expect(other!.text).toContain('raderade');
        expect(second.status).toBe(410);
        expect(await leads()).toBe(1);
      }
    }
  });

  it('the mail is the same, byte for byte, when it is sent again', async () => {
    const id = await form();
    await submit(id, PERSON);
    const item = (await bench.claimDue('form-mail'))!;
    const confirmation = bench.get(FormConfirmation);
    await bench.sql(
      `create function lead_intake.killed() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$`,
    );
    await bench.sql(
      'create trigger killed before update on lead_intake.web_submission for each row execute function lead_intake.killed()',
    );
    await expect(confirmation.send(item)).rejects.toThrow('killed'); // died after the mail, before the outcome
    await bench.sql('drop function lead_intake.killed() cascade');
    await bench.expireLeases();
    await bench.runDue();
    expect(mails).toHaveLength(2);
    expect(mails[1]!.raw).toBe(mails[0]!.raw);
  });

  it('a submission whose COMMIT was not heard of is written to all the same', async () => {
    const id = await form();
    const heard = unheard(bench.get(FormDoor), (result) => result === true);
    expect((await submit(id, PERSON)).status).toBe(500);
    heard();
    await bench.runDue();
    expect(mails).toHaveLength(1);
    await page(linkIn(mails[0]!), 'yes');
    expect(await leads()).toBe(1);
  });

  it('an address the mail server refuses waits for its end; one it cannot take now is tried again', async () => {
    const id = await form();
    mood = { code: 550 };
    await submit(id, PERSON);
    await bench.runDue();
    expect(await submissions()).toMatchObject([{ state: 'undeliverable' }]);
    mood = { code: 451 };
    await submit(id, { ...PERSON, email: 'bo@bolaget.example' });
    await bench.runDue(); // the runner tries again
    expect(mails).toHaveLength(1);
  });
});

describe('nobody learns who is known', () => {
  it('a known person, one who said no and a stranger are answered alike; who said no gets no mail', async () => {
    const id = await form();
    const email = 'nej@bolaget.example';
    const no = await fetch(`${url}/api/v1/suppressions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
        'test-caller': JSON.stringify(bench.caller('admin', engagementId)),
      },
      body: JSON.stringify({ email }),
    });
    expect(no.status).toBe(201);
    await submit(id, PERSON);
    await bench.runDue();
    await page(linkIn(mails[0]!), 'yes');
    mails.length = 0;
    const answers = [];
    for (const address of [email, PERSON.email, 'ny@bolaget.example'])
      answers.push(await submit(id, { ...PERSON, email: address }));
    expect(new Set(answers.map((a) => `${a.status} ${a.text}`)).size).toBe(1);
    await bench.runDue();
    expect(mails.map((m) => (m.to as { text: string }).text).sort()).toEqual([PERSON.email, 'ny@bolaget.example']);
    // Erased, not left for a week: it is not to be processed at all.
    expect((await submissions()).length).toBe(3);
    const known = mails.find((m) => (m.to as { text: string }).text === PERSON.email)!;
    expect((await page(linkIn(known), 'yes')).text).toContain('hör av sig');
    expect(await leads()).toBe(1);
  });

  it('one address is written to three times a day, however often it is entered', async () => {
    const id = await form();
    for (let i = 0; i < 5; i++)
      expect((await submit(id, { ...PERSON, email: 'offer@bolaget.example' })).status).toBe(202);
    await bench.runDue();
    expect(mails).toHaveLength(3);
  });
});

describe('programs', () => {
  it('who fill in what people do not see are thanked, and nothing is kept', async () => {
    const id = await form();
    expect(await submit(id, { ...PERSON, website: 'https://spam.example' })).toMatchObject({
      status: 202,
      text: '{"accepted":true}',
    });
    expect(await submissions()).toEqual([]);
  });

  test.each<[string, (id: string) => string, string]>([
    ['faster than a person', (id) => token(id, 500), 'form-too-fast'],
    ['after hours', (id) => token(id, 3 * 3_600_000), 'form-too-old'],
    ['with another form’s token', () => token(randomUUID()), 'form-token-invalid'],
    ['with a token of their own', (id) => token(id).slice(0, -4).concat('AAAA'), 'form-token-invalid'],
    ['with none', () => '-', 'form-token-invalid'],
  ])('%s are refused', async (_, made, code) => {
    const id = await form();
    const answer = await submit(id, PERSON, { token: made(id) });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([422, code]);
    expect(await submissions()).toEqual([]);
  });

  it('a token is good once: the second is answered as the first, and is not a second', async () => {
    const id = await form();
    const once = token(id);
    for (let i = 0; i < 2; i++) expect((await submit(id, PERSON, { token: once })).status).toBe(202);
    expect(await submissions()).toHaveLength(1);
  });

  it('one network is heard ten times an hour', async () => {
    const id = await form();
    const statuses = [];
    for (let i = 0; i < 11; i++) statuses.push((await submit(id, { ...PERSON, email: `p${i}@x.example` })).status);
    expect(statuses).toEqual([...Array(10).fill(202), 429]);
    const kept = await bench.sql('select u::text as t from lead_intake.form_use u');
    expect(JSON.stringify(kept)).not.toMatch(/127\.0\.0|x\.example/);
    await bench.sql(`update lead_intake.form_use set hour = hour - interval '49 hours'`);
    await bench.get(FormSweep).sweep();
    expect(await bench.count('form_use')).toBe(0);
  });
});

describe('bad input', () => {
  test.each<[string, Record<string, unknown>, number, string]>([
    ['no address', { name: 'Åsa' }, 400, 'request-invalid'],
    ['no name', { email: 'a@x.example' }, 400, 'request-invalid'],
    ['a field beyond B1', { ...PERSON, birthplace: 'Umeå' }, 400, 'request-invalid'],
    ['an identity number', { ...PERSON, name: 'Åsa 19900101-9802' }, 422, 'identity-number'],
    ['a header in the name', { ...PERSON, name: 'Åsa\r\nBcc: x@evil.example' }, 422, 'text-invalid'],
    ['a header in the address', { ...PERSON, email: 'a@x.example\r\nBcc: x@evil.example' }, 400, 'request-invalid'],
    ['two addresses', { ...PERSON, email: 'a@x.example,b@x.example' }, 400, 'request-invalid'],
  ])('%s', async (_, fields, status, code) => {
    const id = await form();
    const answer = await submit(id, fields);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
    expect(answer.text).not.toMatch(/9802|evil|Umeå/);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN); // a page can read its refusal
    expect(await submissions()).toEqual([]);
  });

  test.each([
    ['text', 'text/plain', 'name=x'],
    ['too much', 'application/x-www-form-urlencoded', `name=${'x'.repeat(20_000)}`],
    ['a list', 'application/json', '[]'],
    ['a field twice', 'application/x-www-form-urlencoded', 'name=a&name=b'],
    ['bytes that are no text', 'application/x-www-form-urlencoded', 'name=%ff'],
    ['a field of every object', 'application/x-www-form-urlencoded', '__proto__=1'],
  ])('a body of %s', async (_, type, body) => {
    const id = await form();
    const response = await fetch(`${url}/api/v1/public/forms/${id}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect(response.status).toBe(400);
  });

  it('a form that is not there, or closed, or whose engagement has ended', async () => {
    const id = await form();
    expect((await submit(randomUUID(), PERSON)).status).toBe(404);
    expect((await staff('POST', `forms/${id}/close`, {})).body).toMatchObject({ state: 'closed' });
    expect((await submit(id, PERSON)).status).toBe(404);
    const other = await form();
    await bench.sql('update lead_intake.engagement set ended_at = $2 where id = $1', [
      engagementId,
      bench.clock.nowDate(),
    ]);
    expect((await submit(other, PERSON)).status).toBe(404);
  });

  test.each(['/confirm/x', `/confirm/${'A'.repeat(94)}`, '/confirm/%F0%9F'])('a link like %s', async (path) => {
    expect([400, 410]).toContain((await page(path)).status);
    expect([400, 410]).toContain((await page(path, 'yes')).status);
  });
});

describe('pages of other sites', () => {
  it('may not send it, and their browsers are told nothing', async () => {
    const id = await form();
    const foreign = await submit(id, PERSON, { origin: 'https://evil.example' });
    expect(foreign.status).toBe(403);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = (origin: string) =>
      fetch(`${url}/api/v1/public/forms/${id}`, { method: 'OPTIONS', headers: { origin } });
    const allowed = await preflight(ORIGIN);
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, ORIGIN]);
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    expect((await submit(id, PERSON, { origin: null })).status).toBe(202); // no browser: its page decides nothing
  });
});

describe('staff', () => {
  test.each([
    ['a site without TLS', { origins: ['http://www.client.example'] }],
    ['a path', { origins: ['https://www.client.example/form'] }],
    ['every site', { origins: ['*'] }],
    ['no site', { origins: [] }],
    ['another language', { language: 'fi' }],
    ['no wording', { consent: { version: '1', wording: ' ' } }],
  ])('a form with %s is refused', async (_, over) => {
    expect((await staff('POST', 'forms', { ...FORM, ...over })).status).toBe(400);
  });

  it('sees the forms of its own engagements', async () => {
    const id = await form();
    expect((await staff('GET', 'forms')).body.items).toMatchObject([{ id, state: 'open' }]);
    const stranger = bench.caller('supervisor', await bench.engagement());
    expect((await staff('GET', 'forms', undefined, stranger)).status).toBe(404);
    expect((await staff('POST', 'forms', FORM, stranger)).status).toBe(404);
  });
});

it('names nobody in clear text, and every table of it is scoped', async () => {
  const id = await form();
  await submit(id, { ...PERSON, name: 'Unik Formulärsson', email: 'unik.form@bolaget.example' });
  await bench.runDue();
  for (const table of ['web_submission', 'web_form', 'form_use', 'form_token', 'due', 'audit_entry']) {
    const found = await bench.sql(`select 1 from lead_intake."${table}" t where t::text ~* 'rsson|unik\\.form'`);
    expect([table, found.length]).toEqual([table, 0]);
  }
  expect(await catalogProblems(bench.database.adminUrl, 'lead_intake')).toEqual([]);
});
