import { markup } from '@avtala/page';
import type { PublicWebConfig } from '../config.js';
import type { MeetingView } from '../scheduling.js';
import { TEXTS } from '../texts.js';
import { framed, pathOf, type Choice } from './frame.js';
import { meetingList } from './meeting-list.js';

/** Avboka: one press; why is nobody's business, and can be said. */
export function cancelPage(
  config: PublicWebConfig,
  p: { view: MeetingView; token: string; choice: Choice; message?: string | undefined; said?: string | undefined },
): string {
  const { view, token, choice, message, said } = p;
  const t = TEXTS[choice.language];
  const hint = message ? 'h e' : 'h';
  const invalid = message !== undefined && said !== undefined;
  const main = markup`<h1>${t.cancelTitle}</h1>
    ${meetingList(view, choice)}${message && markup`<p class="m er" role="alert" id="e">${message}</p>`}
    <label class="f" for="s">${t.why}</label><p id="h">${t.whyHint}</p>
    <textarea id="s" name="said" form="f" maxlength="1000" aria-describedby="${hint}"${invalid && markup` aria-invalid="true"`}>${said}</textarea>`;
  const instead =
    view.moveToken && markup`<a class="b q" href="${pathOf(view.moveToken, choice)}">${t.moveInstead}</a>`;
  const bar = markup`<button class="p" form="f">${t.cancel}</button>${instead}`;
  const hidden = { page: view.page, zone: choice.zone, ...(choice.saidLanguage ? { lang: choice.language } : {}) };
  return framed(config, {
    view,
    token,
    choice,
    title: t.cancelTitle,
    main,
    bar,
    form: { action: `/p/${token}/cancel`, hidden },
  });
}
