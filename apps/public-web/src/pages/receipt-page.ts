import { markup } from '@avtala/page';
import type { PublicWebConfig } from '../config.js';
import type { MeetingView } from '../scheduling.js';
import { TEXTS } from '../texts.js';
import { framed, pathOf, type Choice } from './frame.js';
import { meetingList } from './meeting-list.js';

/** What was done, and the file for the calendar. Loading it again does nothing again. */
export function receiptPage(
  config: PublicWebConfig,
  p: { view: MeetingView; token: string; choice: Choice; moved: boolean },
): string {
  const { view, token, choice, moved } = p;
  const t = TEXTS[choice.language];
  const booked = view.state === 'booked';
  const title = booked ? (moved ? t.moved : t.booked) : view.state === 'cancelled' ? t.cancelled : t.over;
  const main = markup`<h1>${title}</h1>
    ${meetingList(view, choice)}${view.state === 'cancelled' && markup`<p>${t.cancelledText}</p>`}
    ${view.invitationTo && view.state !== 'over' && markup`<p>${t.sentTo(view.invitationTo)}</p>`}${
      view.state !== 'over' &&
      markup`<a class="b" href="/p/${token}/calendar.ics" download>${booked ? t.toCalendar : t.fromCalendar}</a>`
    }${view.moveToken && markup`<a class="b" href="${pathOf(view.moveToken, choice)}">${t.moveTitle}</a>`}${
      view.cancelToken && markup`<a class="b" href="${pathOf(view.cancelToken, choice)}">${t.cancelTitle}</a>`
    }`;
  return framed(config, { view, token, choice, title, main });
}

/** No thanks was heard. */
export function declinedPage(config: PublicWebConfig, p: { view: MeetingView; token: string; choice: Choice }): string {
  const t = TEXTS[p.choice.language];
  const main = markup`<h1>${t.declined}</h1>
    <p>${t.declinedText}</p>
    <p><a class="a" href="mailto:${config.contact}">${t.contact}</a></p>`;
  return framed(config, { ...p, title: t.declined, main });
}
