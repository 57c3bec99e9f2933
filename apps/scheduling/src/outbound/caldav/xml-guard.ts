import { AppError } from '@avtala/contracts';

/** An answer that no honest calendar server gives. What cannot be read counts as busy. */
export class AnswerRefused extends AppError {
  readonly kind = 'unprocessable';
  constructor(
    readonly code: 'caldav-xml-refused' | 'caldav-answer-unreadable',
    options?: ErrorOptions,
  ) {
    super('The calendar server gave an answer that is not read', {}, options);
  }
}

const DEEPEST = 32;
const MOST_ELEMENTS = 200_000;
const KNOWN_ENTITIES = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});)/i;

/** Refuses XML before any parser sees it: document types and the entities they define (billion laughs, XXE), other entities than XML's five,
 * processing instructions, and what is deeper or has more elements than an answer needs (ASVS 1.5.1). Size and time are bounded by safeFetch.
 * @throws AnswerRefused */
export function guardXml(text: string): void {
  let depth = 0;
  let elements = 0;
  let at = text.indexOf('<');
  if (at < 0) throw new AnswerRefused('caldav-xml-refused');
  while (at >= 0) {
    if (text.startsWith('<!--', at)) at = after(text, '-->', at);
    else if (text.startsWith('<![CDATA[', at)) at = after(text, ']]>', at);
    else if (text.startsWith('<?', at)) {
      if (!/^<\?xml\s/.test(text.slice(at, at + 6)) || text.slice(0, at).trim()) throw refused();
      at = after(text, '?>', at);
    } else if (text[at + 1] === '!') throw refused();
    else {
      const end = tagEnd(text, at);
      if (text[at + 1] === '/') depth--;
      else if (text[end - 1] !== '/') depth++;
      if (depth > DEEPEST || depth < 0 || ++elements > MOST_ELEMENTS) throw refused();
      if (KNOWN_ENTITIES.test(text.slice(at, end))) throw refused();
      at = end + 1;
    }
    const next = text.indexOf('<', at);
    if (KNOWN_ENTITIES.test(text.slice(at, next < 0 ? undefined : next))) throw refused();
    at = next;
  }
}

const refused = () => new AnswerRefused('caldav-xml-refused');

function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  if (found < 0) throw refused();
  return found + mark.length;
}

/** Where a tag ends: a `>` inside quotes is none. */
function tagEnd(text: string, from: number): number {
  let quote = '';
  for (let i = from + 1; i < text.length; i++) {
    const c = text[i]!;
    if (quote) quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '>') return i;
    else if (c === '<') break;
  }
  throw refused();
}
