import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';
import { randomUUID } from 'node:crypto';
import { allEvents } from './index.js';
import { quickRead } from './quick-read.js';

/** What facts are made of, good and bad. */
const VALUES: readonly unknown[] = [
  randomUUID(),
  randomUUID().toUpperCase(),
  'Europe/Stockholm',
  '2027-03-01T09:00:00Z',
  '2027-03-01',
  'consent',
  'no-answer',
  'callback',
  'contact',
  'meeting',
  'asked',
  'delete-created',
  'crm-sync',
  'title',
  'x'.repeat(300),
  '',
  ' ',
  '1',
  0,
  1,
  -1,
  1.5,
  120,
  1e21,
  Number.NaN,
  true,
  false,
  null,
  undefined,
  [],
  ['title'],
  ['title', 'title'],
  [randomUUID(), randomUUID()],
  [randomUUID(), 7],
  [null],
  [[]],
  {},
  { length: 1 },
  new Date(0),
];

/** A small generator with a seed, so that a failure comes again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function slowRead(eventClass: new () => object, data: object): object | undefined {
  const event = plainToInstance(eventClass, data);
  return validateSync(event, { whitelist: true, forbidUnknownValues: true }).length ? undefined : event;
}

describe('reading an event quickly', () => {
  it.each(allEvents().map(({ eventClass, meta }) => [meta.type, eventClass] as const))(
    '%s: gives what class-validator gives',
    (_type, eventClass) => {
      const pick = random(7);
      const named = getMetadataStorage() // what @IsIn allows
        .getTargetValidationMetadatas(eventClass, '', false, false)
        .flatMap((rule) => (Array.isArray(rule.constraints?.[0]) ? (rule.constraints[0] as unknown[]) : []));
      const values = [...VALUES, ...named];
      const anything = () => values[pick(values.length)];
      // Values that hold are found field by field, so that whole events that hold come up too.
      const facts: Record<string, unknown> = {};
      const wrong = () =>
        validateSync(plainToInstance(eventClass, facts) as object, { whitelist: true }).map((e) => e.property);
      for (const property of wrong())
        for (const value of values) {
          facts[property] = value;
          if (!wrong().includes(property)) break;
        }
      let held = 0;
      for (let round = 0; round < 400; round++) {
        const data: Record<string, unknown> = { ...facts };
        const fields = [...Object.keys(facts), 'bookerId', 'controller', 'unknown'];
        for (let changes = pick(3); changes > 0; changes--) {
          const field = fields[pick(fields.length)]!;
          if (pick(4) === 0) delete data[field];
          else data[field] = anything();
        }
        const quick = quickRead(eventClass, data);
        const slow = slowRead(eventClass, data);
        if (quick) expect(slow).toEqual(quick);
        const flat = Object.values(data).every((v) => typeof v !== 'object' || v === null || Array.isArray(v));
        if (slow && flat && !Object.values(data).flat().some(Array.isArray)) expect(quick).toBeDefined();
        if (quick) held++;
      }
      expect(wrong()).toEqual([]); // else VALUES lacks one for it
      const isFlat = Object.values(facts).every((v) => typeof v !== 'object' || v === null || Array.isArray(v));
      if (isFlat) expect(held).toBeGreaterThan(0);
    },
  );
});
