import { createHash } from 'node:crypto';
import { FORM_TEXTS, type FormLanguage } from '../domain/form-texts.js';

const STYLE =
  'body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}' +
  'blockquote{margin:1rem 0;padding:0 1rem;border-left:.25rem solid #767676}' +
  'button{font:inherit;padding:.6rem 1.2rem;margin:.5rem .5rem 0 0;border:.1rem solid #1b1b1b;border-radius:.3rem;background:#fff}' +
  'button[value=yes]{background:#1b1b1b;color:#fff}';
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Headers of these pages: nothing is loaded, nothing runs, nothing is indexed, and the link is told to nobody. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none';style-src 'sha256-${STYLE_HASH}';form-action 'self';base-uri 'none';frame-ancestors 'none'`,
  'x-robots-tag': 'noindex, nofollow',
  'referrer-policy': 'no-referrer',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);

function page(language: FormLanguage, body: string): string {
  const { title } = FORM_TEXTS[language];
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main>${body}</main></body></html>
`;
}

/** The question, with two buttons: opening the link changes nothing, since programs open links too. */
export function askPage(language: FormLanguage, controller: string, wording: string): string {
  const t = FORM_TEXTS[language];
  return page(
    language,
    `<h1>${escaped(t.ask(controller))}</h1><p>${escaped(t.agreed)}</p><blockquote><p>${escaped(wording)}</p></blockquote>
<form method="post"><button name="answer" value="yes">${escaped(t.yes)}</button><button name="answer" value="no">${escaped(t.no)}</button></form>`,
  );
}

export function sayPage(language: FormLanguage, text: string): string {
  return page(language, `<h1>${escaped(text)}</h1>`);
}

/** For a link that no longer says which language it was. */
export function gonePage(): string {
  const { sv, en } = FORM_TEXTS;
  return page('sv', `<h1>${escaped(sv.gone)}</h1><p lang="en">${escaped(en.gone)}</p>`);
}
