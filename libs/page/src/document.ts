import { createHash } from 'node:crypto';
import { Html, markup } from './markup.js';
import { STYLE } from './style.js';

export const LANGUAGES = ['sv', 'en'] as const;
export type PageLanguage = (typeof LANGUAGES)[number];

export interface PageParts {
  language: PageLanguage;
  title: string;
  /** Whose page it is: the client, and who books for them. */
  head: { name: string; by?: string | undefined };
  /** The same page in the other language; left out where there is none. */
  otherLanguage?: { href: string } | undefined;
  main: Html;
  /** "Dina uppgifter": every page ends with it. */
  footer: Html;
  /** What stays in sight below: what this page is for. Inside the form that `form` opens. */
  bar?: Html | undefined;
  /** Attributes of a form around main and bar. */
  form?: { action: string; hidden: Readonly<Record<string, string>> } | undefined;
  sandbox?: boolean | undefined;
}

const WORDS = {
  sv: {
    other: 'English',
    otherCode: 'en',
    by: 'bokas av',
    sandbox: 'Sandlåda: inget lämnar datorn',
    mark: '[Sandlåda] ',
    choice: 'Ditt val',
  },
  en: {
    other: 'Svenska',
    otherCode: 'sv',
    by: 'booked by',
    sandbox: 'Sandbox: nothing leaves this computer',
    mark: '[Sandbox] ',
    choice: 'Your choice',
  },
} as const;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Headers of these pages: nothing is loaded, nothing runs, nothing is kept or indexed, and the link is told to nobody. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none';style-src 'sha256-${STYLE_HASH}';form-action 'self';base-uri 'none';frame-ancestors 'none'`,
  'x-robots-tag': 'noindex, nofollow',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** A whole page without scripts, cookies or anything to load: at most 15 kB. */
export function document(parts: PageParts): string {
  const { language, head, otherLanguage, main, footer, bar, form, sandbox } = parts;
  const w = WORDS[language];
  const title = `${sandbox ? w.mark : ''}${parts.title}`;
  const inner = markup`<main class="w">${main}</main>
    ${bar ? '' : footerOf(footer)}`;
  const body = form
    ? markup`<form method="post" action="${form.action}" id="f">
        ${Object.entries(form.hidden).map(
          ([name, value]) => markup`<input type="hidden" name="${name}" value="${value}" />`,
        )}
      </form>`
    : '';
  const page = markup`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <style>${new Html(STYLE)}</style>
      </head>
      <body>
        ${
          sandbox
            ? markup`<aside class="sb">
                <p class="w"><b>${w.sandbox}</b></p>
              </aside>`
            : ''
        }
        <header>
          <div class="w">
            <span class="k" aria-hidden="true">${initialOf(head.name)}</span>
            <p><b>${head.name}</b>${head.by ? `${w.by} ${head.by}` : ''}</p>
            ${
              otherLanguage
                ? markup`<a href="${otherLanguage.href}" lang="${w.otherCode}" hreflang="${w.otherCode}">${w.other}</a>`
                : ''
            }
          </div>
        </header>
        ${body}${inner}${
          bar
            ? markup`${footerOf(footer)}
                <section class="bar" aria-label="${w.choice}"><div class="w">${bar}</div></section>`
            : ''
        }
      </body>
    </html>
`;
  return page.toString();
}

const footerOf = (footer: Html): Html => markup`<footer class="w">${footer}</footer>`;

function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(name.trim());
  return (first?.segment ?? '·').toLocaleUpperCase('sv');
}
