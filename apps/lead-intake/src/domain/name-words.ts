/** Most tokens a lead's row holds (security.md §3.5): words and prefixes together. */
const MOST_TOKENS = 8;
const PREFIX_LETTERS = 3;
const MOST_QUERY_WORDS = 3;

/** Legal forms: in every second company's name, so they find nobody. */
const LEGAL_FORMS = new Set(['ab', 'hb', 'kb', 'ek', 'publ', 'aktiebolag', 'aktiebolaget', 'handelsbolag', 'as', 'oy']);

/** The words of a text in one spelling: NFKC, lower case, accents off except å, ä and ö, which are letters of their own. */
export function wordsOf(text: string): string[] {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^åäö\p{L}\p{N}\p{M}]+/gu, ' ')
    .replace(/[^åäö ]+/g, (run) => run.normalize('NFD').replace(/\p{M}/gu, ''))
    .split(' ')
    .filter(Boolean);
}

/** Letters, not halves of one: only a word beyond the basic plane has to be taken apart for that. */
const prefixOf = (word: string): string =>
  /[\ud800-\udfff]/.test(word) ? [...word].slice(0, PREFIX_LETTERS).join('') : word.slice(0, PREFIX_LETTERS);

/**
 * What a lead is found by: words of its name, their three-letter prefixes, then the company's words with theirs.
 * A prefix and a word of the same three letters are one token, since who types "ann" means both.
 * @returns at most eight different texts, the person's own first
 */
export function nameTokenTexts(name: string, company?: string): string[] {
  const own = wordsOf(name);
  const companys = wordsOf(company ?? '').filter((word) => !LEGAL_FORMS.has(word));
  const texts = new Set([...own, ...own.map(prefixOf), ...companys.flatMap((word) => [word, prefixOf(word)])]);
  return [...texts].slice(0, MOST_TOKENS);
}

/** The words of a search by which the index is asked, longest first (they find fewest), at most three; the rest is only checked on what was
 * found. Words of one or two letters find whole words, so they are asked only when there is nothing longer. */
export function queryWords(text: string): string[] {
  const words = wordsOf(text);
  const telling = words.filter((word) => !LEGAL_FORMS.has(word) && [...word].length >= PREFIX_LETTERS);
  return (telling.length ? telling : words).sort((a, b) => b.length - a.length).slice(0, MOST_QUERY_WORDS);
}

/** Texts of which one is among a lead's tokens when the lead has a word that begins with this one. */
export function queryTokenTexts(word: string): string[] {
  return [...new Set([word, prefixOf(word)])];
}

/** Whether each word of the search begins a word of the name or the company: what the index found is checked on the decrypted text. */
export function matchesSearch(search: string, name: string, company?: string): boolean {
  const has = wordsOf(`${name} ${company ?? ''}`);
  return wordsOf(search).every((word) => has.some((own) => own.startsWith(word)));
}
