import { expect, it } from '@jest/globals';
import { fixturePerson, fixturePhone } from './people.js';

it('gives nobody the number or the address of a real person', () => {
  const people = Array.from({ length: 1000 }, (_, n) => fixturePerson(n));
  expect(
    people.every((p) =>
      /^\+46(7017406(0[5-9]|[1-9]\d)|3139006\d\d|4062804\d\d|8465004\d\d|9803192\d\d)$/.test(p.phone),
    ),
  ).toBe(true);
  expect(people.every((p) => /^[a-z.]+\d+@bolag\d+\.example$/.test(p.email))).toBe(true);
  expect(new Set(people.map((p) => p.email)).size).toBe(1000);
});

it('has 495 different phones', () => {
  expect(new Set(Array.from({ length: 600 }, (_, n) => fixturePhone(n))).size).toBe(495);
});
