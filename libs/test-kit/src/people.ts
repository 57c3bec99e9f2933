/** Ranges the Swedish regulator reserves for fiction: all but the last two digits, and the first of these. */
const RANGES = [
  { prefix: '+467017406', first: 5 }, // mobile
  { prefix: '+463139006', first: 0 }, // Göteborg
  { prefix: '+464062804', first: 0 }, // Malmö
  { prefix: '+468465004', first: 0 }, // Stockholm
  { prefix: '+469803192', first: 0 }, // Kiruna
] as const;

const PHONES = RANGES.flatMap(({ prefix, first }) =>
  Array.from({ length: 100 - first }, (_, i) => `${prefix}${String(first + i).padStart(2, '0')}`),
);

const GIVEN = ['Åsa', 'Björn', 'Cecilia', 'Daoud', 'Elin', 'Fatima', 'Gösta', 'Hanna', 'Ingrid', 'Jörgen'] as const;
const FAMILY = ['Ek', 'Öberg', 'Lind', 'Nilsson', 'Åkesson', 'Haddad', 'Sandström'] as const;

export interface FixturePerson {
  readonly name: string;
  readonly company: string;
  readonly title: string;
  readonly email: string;
  /** E.164 */
  readonly phone: string;
}

/** A phone nobody has, E.164; 495 different ones, then they repeat: many leads may share a phone. */
export function fixturePhone(n: number): string {
  return PHONES[n % PHONES.length]!;
}

/** Invented person number n (from 0): the same n is always the same person, and no two share an e-mail. */
export function fixturePerson(n: number): FixturePerson {
  const [given, family] = [GIVEN[n % GIVEN.length]!, FAMILY[n % FAMILY.length]!];
  return {
    name: `${given} ${family}`,
    company: `Bolag ${n % 40} AB`,
    title: n % 3 ? 'Inköpschef' : 'VD',
    email: `${plain(given)}.${plain(family)}.${n}@bolag${n % 40}.example`,
    phone: fixturePhone(n),
  };
}

function plain(name: string): string {
  return name.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
