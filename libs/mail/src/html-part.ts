import type { Language } from './wording.js';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);

/** The same words as HTML, for readers that show nothing else: paragraphs, line breaks, and links to the addresses that are ours. What looks like an
 * address in a title or a source stays text.
 * @param text with `\n` between lines and an empty line between paragraphs; `-- ` begins the notice */
export function htmlOf(text: string, language: Language, links: readonly string[]): string {
  const known = new Map(links.map((link) => [escaped(link), `<a href="${escaped(link)}">${escaped(link)}</a>`]));
  const linked = (line: string): string =>
    escaped(line)
      .split(' ')
      .map((word) => known.get(word) ?? word)
      .join(' ');
  const paragraphs = text
    .trimEnd()
    .split(/\n(?:\n|-- \n)+/)
    .map((paragraph) => `<p>${paragraph.split('\n').map(linked).join('<br>\n')}</p>`);
  return `<!doctype html>\n<html lang="${language}"><head><meta charset="utf-8"></head><body>\n${paragraphs.join('\n')}\n</body></html>\n`;
}
