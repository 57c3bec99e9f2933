import { document, markup, type PageLanguage } from '@avtala/page';
import type { PublicWebConfig } from '../config.js';
import { yourData } from '../footer.js';
import { TEXTS } from '../texts.js';

const STATUS: Readonly<Record<string, number>> = {
  'link-invalid': 404,
  'link-expired': 410,
  'link-replaced': 410,
  'link-cancelled': 410,
  'link-over': 410,
  'engagement-ended': 410,
  'lead-restricted': 409,
  'too-many-requests': 429,
  later: 503,
};

/** A link that opens nothing, or not now: what it means and what to do, and nothing about anybody.
 * @param path of the same page, without its query */
export function refusedPage(
  config: PublicWebConfig,
  code: string,
  language: PageLanguage,
  path: string,
): { status: number; page: string } {
  const t = TEXTS[language];
  const [title, text] = t.refusals[code] ?? t.refusals['unknown']!;
  const again = code === 'later' || !(code in STATUS);
  const main = markup`<h1>${title}</h1>
    <p>${text}</p>
    ${again && markup`<a class="b" href="${path}">${t.tryAgain}</a>`}<a class="b" href="mailto:${config.contact}"
      >${t.contact}</a
    >`;
  const page = document({
    language,
    title,
    head: { name: config.agencyName },
    otherLanguage: { href: `${path}?lang=${language === 'sv' ? 'en' : 'sv'}` },
    main,
    footer: yourData(config, language),
    sandbox: config.sandbox,
  });
  return { status: STATUS[code] ?? 500, page };
}
