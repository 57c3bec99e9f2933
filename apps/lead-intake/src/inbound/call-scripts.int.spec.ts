import type { Role } from '@avtala/access';
import { afterAll, beforeAll, expect, it, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench } from '../../test/bench.js';

let bench: Bench;
let url: string;
let engagementId: string;
beforeAll(async () => {
  bench = await Bench.open();
  await bench.app.listen(0, '127.0.0.1');
  url = await bench.app.getUrl();
  engagementId = await bench.engagement();
});
afterAll(() => bench.close());

interface Script {
  code: string;
  version: number;
  steps: { title: string; text: string; branches: object[] }[];
}

async function script(body?: object, role: Role = 'supervisor', id = engagementId) {
  const response = await fetch(`${url}/api/v1/engagements/${id}/script`, {
    method: body ? 'PUT' : 'GET',
    headers: { 'content-type': 'application/json', 'test-caller': JSON.stringify(bench.caller(role, engagementId)) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as Script };
}
const step = (text: string, more: object = {}) => ({ title: 'Öppning', text, branches: [], ...more });

it('has a default, is written as the next version, and refuses who read an older one', async () => {
  const first = await script(undefined, 'booker');
  expect(first.body).toMatchObject({ version: 0, changedAt: null });
  expect(first.body.steps.map((s) => s.title)).toEqual(['Öppning', 'Behov', 'Boka', 'Avslut']);
  const steps = [step('Hej {firstName}!\nPassar {slot}?', { branches: [{ label: 'Nej', text: 'Tack ändå' }] })];
  const written = await script({ version: 0, steps });
  expect(written).toMatchObject({ status: 200, body: { version: 1, changedAt: '2027-03-01T09:00:00Z' } });
  expect((await script(undefined, 'booker')).body).toMatchObject({
    version: 1,
    steps: [{ text: 'Hej {firstName}!\nPassar {slot}?', branches: [{ label: 'Nej', text: 'Tack ändå', law: null }] }],
  });
  expect(await script({ version: 0, steps })).toMatchObject({ status: 409, body: { code: 'version-conflict' } });
  expect(await bench.count('call_script', `engagement_id = '${engagementId}'`)).toBe(1);
  const audit = await bench.sql<{ canonical: Buffer }>('select canonical from lead_intake.audit_entry');
  expect(audit.map((a) => JSON.parse(a.canonical.toString()).action)).toContain('call-script.changed');
});

test.each<[string, object, number, string]>([
  ['no steps', { version: 1, steps: [] }, 400, 'request-invalid'],
  ['a value that nobody fills in', { version: 1, steps: [step('Hej {kund}')] }, 422, 'script-value-unknown'],
  ['control characters', { version: 1, steps: [step('Hej \u0007')] }, 400, 'request-invalid'],
  ['blanks', { version: 1, steps: [step('   ')] }, 400, 'request-invalid'],
  ['a title of two lines', { version: 1, steps: [step('Hej', { title: 'a\nb' })] }, 400, 'request-invalid'],
  ['no version', { steps: [step('Hej')] }, 400, 'request-invalid'],
])('%s is refused', async (_, body, status, code) => {
  expect(await script(body)).toMatchObject({ status, body: { code } });
});

it('another’s engagement has none', async () => {
  expect(await script(undefined, 'booker', randomUUID())).toMatchObject({ status: 404, body: { code: 'not-found' } });
});
