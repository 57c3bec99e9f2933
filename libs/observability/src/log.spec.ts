import { describe, expect, it, test } from '@jest/globals';
import { FieldNotLoggable, Log, pickLoggable } from './log.js';
import { Readiness } from './readiness.js';

const leadId = '019a0000-0000-7000-8000-000000000001';

function written(strict: boolean, use: (log: Log) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  use(new Log({ level: 'debug', strict, write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('writes one JSON line per event with ids, codes and counts', () => {
    const [line] = written(true, (log) =>
      log.info('booking.refused', { leadId, reason: 'too-soon', noticeMinutes: 30 }),
    );
    expect(line).toMatchObject({
      level: 'info',
      event: 'booking.refused',
      leadId,
      reason: 'too-soon',
      noticeMinutes: 30,
    });
  });

  it('throws on an unknown field in tests', () => {
    expect(() => pickLoggable({ email: 'x@y.example' }, true)).toThrow(FieldNotLoggable);
  });

  it('drops unknown fields in production', () => {
    const [line] = written(false, (log) => log.info('x', { email: 'anna@client.example', name: 'Anna', leadId }));
    expect(Object.keys(line!).sort()).toEqual(['event', 'leadId', 'level', 'time']);
  });

  test.each([
    ['a name', 'Åsa Öberg'],
    ['an address', 'anna@client.example'],
    ['a sentence', 'duplicate key value violates'],
    ['a nested object', { a: { b: 1 } }],
  ])('drops %s from a field that is allowed', (_, value) => {
    const [line] = written(true, (log) => log.info('x', { reason: value }));
    expect(JSON.stringify(line)).toContain('[dropped]');
    expect(JSON.stringify(line)).not.toMatch(/Åsa|anna|duplicate/);
  });

  it('logs class, code and frames of an error, never its message', () => {
    const error = Object.assign(new Error('Key (email)=(anna@client.example) already exists'), { code: '23505' });
    const [line] = written(true, (log) => log.error('x', {}, error));
    expect(line).toMatchObject({ errorName: 'Error', errorCode: '23505' });
    expect(JSON.stringify(line)).not.toContain('anna');
    expect((line!.stack as string[])[0]).toMatch(/^at /);
  });
});

test('readiness says which check failed, and a hanging one fails by its deadline', async () => {
  const readiness = new Readiness(50);
  readiness.add('database', () => Promise.resolve());
  readiness.add('keys', () => Promise.reject(new Error('no')));
  readiness.add('log', () => new Promise(() => undefined));
  expect(await readiness.report()).toEqual({
    ready: false,
    checks: { database: 'ok', keys: 'failed', log: 'failed' },
  });
});
