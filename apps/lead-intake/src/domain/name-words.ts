/** Most tokens a lead's row holds (security.md §3.5): words and prefixes together. */
const MOST_TOKENS = 8;
const PREFIX_LETTERS = 3;
const MOST_QUERY_WORDS = 3;

/** Legal forms: in every second company's name, so they find nobody. */
const LEGAL_FORMS = new Set(['ab', 'hb', 'kb', 'ek', 'publ', 'aktiebolag', 'aktiebolaget', 'handelsbolag', 'as', 'oy']);

/** The words of a text in one spelling: NFKC, lower case, accents off except å, ä and ö, which are letters of their own. */
export function wordsOf(text: string): string[] {
  return usualWords(text) ?? wordsOfAny(text);
}

/** The same without a regular expression, which costs five times as much, when a text has no letters but those of Swedish. */
function usualWords(text: string): string[] | null {
  const lower = text.toLowerCase();
  const words: string[] = [];
  let start = -1;
  for (let i = 0; i < lower.length; i++) {
    const unit = lower.charCodeAt(i);
    if (
      (unit >= 0x61 && unit <= 0x7a) ||
      (unit >= 0x30 && unit <= 0x39) ||
      unit === 0xe5 ||
      unit === 0xe4 ||
      unit === 0xf6
    ) {
      if (start < 0) start = i;
    } else if (unit > 0x7e) {
      return null;
    } else if (start >= 0) {
      words.push(lower.slice(start, i));
      start = -1;
    }
  }
  if (start >= 0) words.push(lower.slice(start));
  return words;
}

/** Exported for the test that compares the two. */
export function wordsOfAny(text: string): string[] {
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
  word.length <= PREFIX_LETTERS
    ? word
    : /[\ud800-\udfff]/.test(word)
      ? [...word].slice(0, PREFIX_LETTERS).join('')
      : word.slice(0, PREFIX_LETTERS);

/**
 * What a lead is found by: words of its name, their three-letter prefixes, then the company's words with theirs.
 * A prefix and a word of the same three letters are one token, since who types "ann" means both.
 * @returns at most eight different texts, the person's own first
 */
export function nameTokenTexts(name: string, company?: string): string[] {
  const texts: string[] = [];
  // At most eight: looking through them is cheaper than a set.
  const take = (text: string): void => void (texts.length < MOST_TOKENS && !texts.includes(text) && texts.push(text));
  const own = wordsOf(name);
  for (const word of own) take(word);
  for (const word of own) take(prefixOf(word));
  for (const word of company && texts.length < MOST_TOKENS ? wordsOf(company) : []) {
    if (LEGAL_FORMS.has(word)) continue;
    take(word);
    take(prefixOf(word));
  }
  return texts;
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
