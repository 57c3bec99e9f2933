/** The languages of the console; Swedish is written first. */
export type Language = 'sv' | 'en';

type Say = string | ((...given: never[]) => string);
interface Source {
  readonly [key: string]: Say | Source;
}
type Same<S> = {
  readonly [K in keyof S]: S[K] extends string
    ? string
    : S[K] extends (...given: infer A) => string
      ? (...given: A) => string
      : Same<S[K]>;
};

/** What a screen says, in both languages at once. */
export interface Words<S> {
  readonly sv: Same<S>;
  readonly en: Same<S>;
}

/** One dictionary: the Swedish one is the type, so that an English key that lacks, or takes other values, does not compile.
 * @example export const leads = words({ title: 'Leads', rows: (n: number) => `${n} rader` }, { title: 'Leads', rows: (n) => `${n} rows` }); */
export function words<const S extends Source>(sv: S, en: Same<S>): Words<S> {
  return { sv: sv as unknown as Same<S>, en };
}
