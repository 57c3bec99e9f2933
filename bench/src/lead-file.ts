const GIVEN =
  'Åsa Björn Cecilia Daoud Elin Fatima Gösta Hanna Ingrid Jörgen Karin Lars Maja Nils Olof Petra Rut Sven Tove Ulf'.split(
    ' ',
  );
const MIDDLE = 'Anna Bo Dag Eva Finn Gun Hugo Ida Jon Kim Leo My Noa Ove Per Siv Tea Ulla Vera Åke'.split(' ');
const FAMILY =
  'Ek Öberg Lind Nilsson Åkesson Haddad Sandström Berg Dahl Falk Grahn Holm Kvist Lund Mård Norén Palm Quist Rask Sjö Torn Udd Vik Wall Zorn Ahl Bagge Cedergren Dunér Ernst'.split(
    ' ',
  );
const TITLES = ['VD', 'Inköpschef', 'IT-chef', 'Ekonomichef', 'Projektledare'];

/** The fiction ranges of the Swedish numbering plan: area code without its 0, the digits before the last two, the first of those. */
const RANGES = [
  ['70', '17406', 5],
  ['8', '46500', 0],
  ['31', '39006', 0],
  ['40', '62804', 0],
  ['980', '3192', 0],
] as const;
const NUMBERS = RANGES.flatMap(([area, rest, first]) =>
  Array.from({ length: 100 - first }, (_, i) => [area, rest + String(first + i).padStart(2, '0')] as const),
);
/** As lists are written. */
const SPELLINGS = [
  ([area, rest]: readonly [string, string]) => `0${area}-${rest}`,
  ([area, rest]: readonly [string, string]) => `+46${area}${rest}`,
  ([area, rest]: readonly [string, string]) => `0${area}-${rest.slice(0, -4)} ${rest.slice(-4, -2)} ${rest.slice(-2)}`,
  ([area, rest]: readonly [string, string]) => `+46 ${area} ${rest}`,
  ([area, rest]: readonly [string, string]) => `0${area}${rest}`,
] as const;

export const COLUMNS = 'Namn;Företag;Titel;E-post;Telefon';

/** Lead number n: nobody has another's e-mail, nor another's name with phone. */
export function leadCells(n: number): [name: string, company: string, title: string, email: string, phone: string] {
  const [given, middle] = [GIVEN[n % 20]!, MIDDLE[Math.floor(n / 20) % 20]!];
  const family = FAMILY[Math.floor(n / 400) % 30]!;
  const company = n % 5000;
  const local = `${given}.${family}.${n}`.toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '');
  const number = NUMBERS[(n + Math.floor(n / 12_000)) % NUMBERS.length]!;
  return [
    `${given} ${middle} ${family}`,
    `Exempelbolaget ${company} AB`,
    TITLES[n % TITLES.length]!,
    `${local}@bolag${company}.example`,
    SPELLINGS[Math.floor(n / 7) % SPELLINGS.length]!(number),
  ];
}

/** Lead number n as a request's body. */
export function leadBody(n: number) {
  const [name, company, title, email, phone] = leadCells(n);
  return { name, company, title, email, phone, source: 'Branschregistret', ground: 'legitimate-interest' as const };
}

/** A CSV file of `rows` leads, header included. */
export function leadFile(rows: number): Buffer {
  const lines = [COLUMNS];
  for (let n = 0; n < rows; n++) lines.push(leadCells(n).join(';'));
  return Buffer.from(`${lines.join('\n')}\n`);
}
