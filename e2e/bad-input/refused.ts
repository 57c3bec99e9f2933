import { afterEach, beforeAll, expect } from '@jest/globals';
import type { Answer, Ask } from './ask.js';
import type { System, Who } from './system.js';

/** One hostile request and the answer it must get. */
export interface Hostile {
  readonly who?: Who | 'nobody';
  readonly ask: Ask;
  readonly status: number;
  /** Stable code of the problem. */
  readonly code: string;
  /** Values of a person, or of a secret, that must be neither in the answer nor in the log. */
  readonly secrets?: readonly string[];
}

/** Every secret any test has sent: the log is searched for them at the end. */
export const sentSecrets = new Set<string>();

/** One line of a table: title, status, code, and the request. */
export type Row = readonly [
  title: string,
  status: number,
  code: string,
  make: (system: System) => Omit<Hostile, 'status' | 'code'>,
];

/** Sends it and checks what every refusal owes: the status, problem details with a stable code and a sentence, nothing of the value and
 * nothing of our insides. */
export const refusing =
  (system: () => System) =>
  async (status: number, code: string, { who, ask, secrets }: Omit<Hostile, 'status' | 'code'>): Promise<Answer> => {
    const answer = await system().ask(who ?? 'supervisor', ask);
    expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status, code });
    expectProblem(answer, secrets);
    return answer;
  };

/** After each test of the block there is not one row more or less in any table of any service. */
export function changesNothing(system: () => System): void {
  let before: Record<string, number>;
  beforeAll(async () => {
    await system().quiet();
    before = await system().counts();
  });
  afterEach(async () => expect(await system().counts()).toEqual(before));
}

export function expectProblem(answer: Answer, secrets: readonly string[] = []): void {
  expect([400, 401, 403, 404, 405, 409, 413, 415, 422, 429]).toContain(answer.status);
  expect(answer.type).toMatch(/^application\/problem\+json/);
  const { code, type, detail, title, status } = answer.body;
  expect(code).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  expect(type).toBe(`urn:avtala:problem:${String(code)}`);
  expect(String(detail)).toMatch(/^[A-Z].{8,}/);
  expect(title).toEqual(expect.any(String));
  expect(status).toBe(answer.status);
  expect(answer.text).not.toMatch(/\.[jt]s:\d|node_modules|\bat [A-Za-z.]+ \(|select |insert into/i);
  expect(answer.headers['x-powered-by']).toBeUndefined();
  expect(answer.headers['cache-control']).toContain('no-store');
  for (const secret of secrets) {
    sentSecrets.add(secret);
    expect(answer.text).not.toContain(secret);
  }
}
