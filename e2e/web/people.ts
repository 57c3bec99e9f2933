import { fixturePhone } from '@avtala/test-kit';

/** Made-up people as lists are in real life: long names, names of one word, right-to-left and combining characters. */
const NAMES = [
  'Karin Söderlund',
  'Åsa Björkholm',
  'Jörgen Öhman',
  'Marie-Louise af Klintberg',
  'José Ángel Núñez',
  'Nguyễn Thị Minh Khai',
  'ليلى الحداد',
  'Þóra Guðmundsdóttir',
  'Wolfeschlegelsteinhausenbergerdorff Ahnenforschungsgesellschaft-Lindqvist',
  'Zoe\u0301 Lindgren',
  'Bo Ek',
  'Sivaramakrishnan',
] as const;
const COMPANIES = [
  'Bruksvik Mekaniska Oy Ab',
  'Björkholms Plåt AB',
  'Svartnäs Kemi AB',
  'Granudden Verktyg AB',
  'Havsbro Logistik AB',
  'Lövkulla Gjuteri AB',
  'Tjärnmo Trä AB',
  'Alnäs Bygg AB',
  'Norrgårda Snickeri AB',
] as const;
const TITLES = ['Inköpschef', 'Produktionschef', 'VD', 'Platschef', 'Ekonomichef'] as const;

export interface Person {
  readonly name: string;
  readonly company: string;
  readonly title: string;
  readonly email: string;
  readonly phone: string;
}

/** Person number n: always the same, no two with the same address. Numbers are from the ranges that nobody has. */
export function person(n: number): Person {
  const name =
    n < NAMES.length
      ? NAMES[n]!
      : `${NAMES[n % 3]!.split(' ')[0]} ${['Ek', 'Öberg', 'Lind', 'Nilsson', 'Åkesson'][n % 5]}`;
  const company = COMPANIES[n % COMPANIES.length]!;
  return {
    name,
    company,
    title: TITLES[n % TITLES.length]!,
    email: `lead.${n}@${company.toLowerCase().replaceAll(/[^a-z]/g, '')}.example`,
    phone: fixturePhone(n),
  };
}
