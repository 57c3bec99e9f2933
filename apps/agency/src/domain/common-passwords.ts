import { COMMON_STEMS } from './common-stems.js';

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  $: 's',
  '@': 'a',
  '!': 'i',
};
const ROWS = [
  'abcdefghijklmnopqrstuvwxyzåäö',
  'qwertyuiopåasdfghjklöäzxcvbnm',
  '01234567890123456789',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
];

/** Whether a password is a well-known one, in any of the disguises that breach lists are full of: capitals, digits for letters,
 * a year or an exclamation mark at the end, the word twice, two words after another, a walk over the keyboard.
 * Made of stems and rules rather than of a list of finished passwords: of the lists, hardly anything is 12 characters or longer. */
export function isCommonPassword(password: string): boolean {
  const lower = password.normalize('NFKC').toLowerCase();
  const word = lower.replace(/[\d!?.]{1,8}$/, ''); // a year at the end is a year, not letters in disguise
  return [lower, undisguised(lower), undisguised(word)].some((text) =>
    isObvious(text.replaceAll(/[\s._\-#*+&%]/g, '')),
  );
}

const undisguised = (text: string): string => [...text].map((c) => LEET[c] ?? c).join('');

function isObvious(text: string): boolean {
  if (new Set(text).size <= 3) return true;
  if (isWalk(text) || isRepeat(text)) return true;
  return restAfterStems(text.replace(/^\d{1,8}|[\d!?]{1,8}$/g, '')) === '' || restAfterStems(text) === '';
}

/** What is left when known stems, digits and their like are taken away from the front. */
function restAfterStems(text: string): string {
  let left = text;
  for (let took = true; took && left !== '';) {
    const stem = COMMON_STEMS.find((s) => left.startsWith(s)) ?? /^(?:\d{1,4}|[!?]+)/.exec(left)?.[0] ?? '';
    took = stem !== '';
    left = left.slice(stem.length);
  }
  return left;
}

const isRepeat = (text: string): boolean => /^(.{1,7}?)\1+.{0,3}$/s.test(text);

/** Runs along a row of the keyboard or the alphabet, either way, make up all but a few characters. */
function isWalk(text: string): boolean {
  const rows = ROWS.flatMap((row) => [row, [...row].reverse().join('')]);
  let walked = 0;
  for (let at = 0; at < text.length;) {
    let run = 0;
    while (at + run < text.length && rows.some((row) => row.includes(text.slice(at, at + run + 1)))) run++;
    if (run >= 4) walked += run;
    at += Math.max(run, 1);
  }
  return text.length - walked <= 3;
}
