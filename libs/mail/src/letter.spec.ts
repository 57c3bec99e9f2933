import { describe, expect, it } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { buildLetter, type Letter } from './letter.js';

const letter = (more: Partial<Letter> = {}): Letter => ({
  id: '0190a0b0-0000-7000-8000-000000000001',
  at: Temporal.Instant.from('2027-03-01T09:00:00Z'),
  from: { name: 'Avtala', address: 'meetings@agency.example' },
  to: { name: 'Åsa Öberg', address: 'asa@agency.example' },
  subject: 'Nytt lösenord',
  lines: ['Hej Åsa,', '', 'https://avtala.example/x#y'],
  ...more,
});

it('is what was written, and the same bytes every time', async () => {
  const [once, twice] = [await buildLetter(letter()), await buildLetter(letter())];
  expect(once.raw.equals(twice.raw)).toBe(true);
  expect(once.envelope).toEqual({ from: 'meetings@agency.example', to: 'asa@agency.example' });
  const read = await simpleParser(once.raw);
  expect(read).toMatchObject({
    subject: 'Nytt lösenord',
    messageId: once.messageId,
    date: new Date('2027-03-01T09:00:00Z'),
  });
  expect(read.text).toBe('Hej Åsa,\n\nhttps://avtala.example/x#y\n');
  expect(read.headers.get('auto-submitted')).toBe('auto-generated');
});

describe('what would break out of a header is refused (ASVS 1.3.11)', () => {
  it.each<[string, Partial<Letter>]>([
    ['subject', { subject: 'x\r\nBcc: all@agency.example' }],
    ['to.name', { to: { name: 'x\nBcc: y', address: 'asa@agency.example' } }],
    ['to.address', { to: { name: 'x', address: 'asa@agency.example, evil@agency.example' } }],
  ])('%s', async (field, more) => {
    await expect(buildLetter(letter(more))).rejects.toMatchObject({ code: 'mail-field-invalid', facts: { field } });
  });
});
