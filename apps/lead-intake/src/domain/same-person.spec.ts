import { describe, expect, test } from '@jest/globals';
import { fillIn, samePerson, type Known } from './same-person.js';

const lead = (id: string, email: string | null): Known => ({ id, email, namePhone: null });
const [a, aWithout, b, bWithout] = [lead('a', 'mail-a'), lead('a', null), lead('b', 'mail-b'), lead('b', null)];

describe('same person (architecture §9)', () => {
  test.each<[string, string | null, Known | undefined, Known | undefined, string]>([
    ['nobody is known', 'mail-a', undefined, undefined, 'new'],
    ['the e-mail is known', 'mail-a', a, undefined, 'same a'],
    ['e-mail, name and phone are of one lead', 'mail-a', a, a, 'same a'],
    ['name and phone are known, without e-mails', null, undefined, aWithout, 'same a'],
    ['the lead has an e-mail, the row has none', null, undefined, a, 'same a'],
    ['the row has an e-mail, the lead has none', 'mail-a', undefined, aWithout, 'same a'],
    ['name and phone agree, the e-mails differ', 'mail-x', undefined, a, 'ambiguous'],
    ['the e-mail is of one lead, name and phone of another', 'mail-a', a, b, 'ambiguous'],
    ['the same, the other without e-mail', 'mail-a', a, bWithout, 'ambiguous'],
  ])('%s', (_, email, byEmail, byNamePhone, expected) => {
    const who = samePerson({ email }, byEmail, byNamePhone);
    expect(who.as === 'same' ? `same ${who.known.id}` : who.as).toBe(expected);
  });

  test('merging fills what was empty and overwrites nothing', () => {
    const has = { name: 'Åsa Ek', title: 'VD', email: 'asa@bolaget.example' };
    const brings = { name: 'Åsa Ek', title: 'Chef', phone: '+46701740607', company: 'Bolaget AB' };
    expect(fillIn(has, brings, true)).toEqual({
      contact: { ...has, phone: '+46701740607', company: 'Bolaget AB' },
      gained: ['company', 'phone'],
    });
  });

  test('one mailbox of two people: nothing of the second is filed under the first', () => {
    const has = { name: 'Åsa Ek', email: 'info@bolaget.example' };
    expect(fillIn(has, { name: 'Bo Lind', phone: '+46701740607' }, false)).toEqual({ contact: has, gained: [] });
  });
});
