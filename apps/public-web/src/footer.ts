import { markup, type Html, type PageLanguage } from '@avtala/page';
import type { PublicWebConfig } from './config.js';
import type { MeetingView } from './scheduling.js';
import { TEXTS } from './texts.js';

/** "Dina uppgifter", which every page ends with: source, purpose, until when, and where to say no.
 * @param view left out where the link opens nothing: then nothing of a person is said */
export function yourData(config: PublicWebConfig, language: PageLanguage, view?: MeetingView): Html {
  const t = TEXTS[language];
  const { notice, retentionMonths } = view ?? {};
  return markup`<h2>${t.yourData}</h2>
    <p>
      ${notice ? t.data({ ...notice, obtained: notice.obtainedAt.slice(0, 10) }) : view ? t.restricted : t.dataUnknown}
      ${view && (retentionMonths ? t.erasedBy(retentionMonths) : t.erasedSome)} ${t.noCookies}
    </p>
    <p class="l"><a href="${config.privacyUrl}">${t.rights}</a> · <a href="mailto:${config.contact}">${t.contact}</a></p>
    <p>${t.complain} <a href="https://www.imy.se" rel="noreferrer">${t.authority}</a>.</p>`;
}
