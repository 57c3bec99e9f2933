import { markup, type Html } from '@avtala/page';
import type { PublicWebConfig } from '../config.js';
import type { MeetingView } from '../scheduling.js';
import { TEXTS } from '../texts.js';
import { clock, clockChange, dayHeading, dayInText, dayOf, sameClock, spanInText, startValue } from '../times.js';
import { cityOf, placeOf, zonesFor } from '../zones.js';
import { framed, pathOf, type Choice } from './frame.js';

/** What is shown of the days: some, since a page has 15 kB. */
export interface Shown {
  /** In order; those without a time too. */
  days: { day: Temporal.PlainDate; starts: Temporal.Instant[] }[];
  /** First day of the page after this one, and of the one before. */
  next: Temporal.PlainDate | undefined;
  previous: Temporal.PlainDate | undefined;
}

export interface TimesPage {
  view: MeetingView;
  token: string;
  choice: Choice;
  shown: Shown;
  /** Why the last press did nothing. */
  message?: string | undefined;
  /** Near what was chosen and is gone. */
  nearest?: Temporal.Instant[];
}

/** Välj tid, and the same for moving. None is chosen beforehand; yes and no are as near. */
export function timesPage(config: PublicWebConfig, p: TimesPage): string {
  const { view, token, choice, shown, message, nearest = [] } = p;
  const { language } = choice;
  const t = TEXTS[language];
  const moving = view.purpose === 'move';
  const title = moving ? t.moveTitle : t.pickTitle(view.hostName);
  const anything = shown.days.some((d) => d.starts.length) || nearest.length > 0;
  const days = markup`${shown.previous && link(p, shown.previous, t.earlierDays)}${shown.next && link(p, shown.next, t.moreDays)}`;
  const main = markup`<h1>${title}</h1>
    <p>${t.about(view.title, view.lengthMinutes, view.location)} ${view.invitationTo && t.invitationTo(view.invitationTo)}</p>
    ${message && markup`<p class="m er" role="alert">${message}</p>`}
    ${view.timeWanted && markup`<p class="m ok" role="status">${t.timeWanted}</p>`}
    ${moving && currentTime(p)}${zoneForm(p)}${moving && markup`<h2>${t.newTimes}</h2>`}
    ${nearest.length > 0 && daySet(p, t.nearest, nearest, true)}${daysOf(p)}
    ${!anything && markup`<p class="n">${t.nothingFree}</p>`}
    <p class="o">${days}</p>${changeNote(p)}`;
  const act = moving ? 'move' : 'book';
  const go = anything && markup`<button class="p" form="f">${moving ? t.move : t.book}</button>`;
  const instead =
    view.cancelToken && markup`<a class="b q" href="${pathOf(view.cancelToken, choice)}">${t.cancelInstead}</a>`;
  const bar = markup`${go}${moving ? instead : answers(p, anything)}`;
  return framed(config, {
    view,
    token,
    choice,
    title,
    main,
    bar,
    form: { action: `/p/${token}/${act}`, hidden: hiddenOf(p) },
  });
}

const link = ({ token, choice }: TimesPage, from: Temporal.PlainDate, text: string): Html =>
  markup`<a class="a" href="${pathOf(token, choice, { from })}">${text}</a>`;

/** No thanks is always there; another time can be asked for where these end, or there are none. */
function answers({ view, token, choice, shown }: TimesPage, anything: boolean): Html {
  const t = TEXTS[choice.language];
  const press = (act: string, look: string, text: string) =>
    markup`<button class="${look}" form="f" formaction="/p/${token}/${act}" formnovalidate>${text}</button>`;
  const want = !view.timeWanted && (!anything || shown.previous || !shown.next);
  return markup`${want && press('want-time', anything ? 'b q' : 'b p', t.wantTime)}${press('decline', 'q', t.decline)}`;
}

function hiddenOf({ view, choice }: TimesPage): Record<string, string> {
  return {
    page: view.page,
    zone: choice.zone,
    ...(choice.saidLanguage ? { lang: choice.language } : {}),
    ...(choice.from ? { from: choice.from.toString() } : {}),
  };
}

function currentTime({ view, choice: { language, zone } }: TimesPage): Html {
  const [startsAt, endsAt] = [Temporal.Instant.from(view.startsAt!), Temporal.Instant.from(view.endsAt!)];
  const t = TEXTS[language];
  return markup`<p class="n">
    <b>${t.nowBooked}</b> ${dayInText(dayOf(startsAt, zone), language)}
    ${spanInText(startsAt, endsAt, [zone, view.hostTimeZone], language)}
  </p>`;
}

/** Sent to the server: nothing here runs. */
function zoneForm({ view, token, choice }: TimesPage): Html {
  const { language, zone } = choice;
  const t = TEXTS[language];
  const now = Temporal.Instant.from(view.now);
  const options = zonesFor([zone, view.timeZone, view.hostTimeZone]).map(
    (z) =>
      markup`<option value="${z}"${z === zone && markup` selected`}>${cityOf(z, language)} (${z === zone ? t.now(clock(now, z)) : clock(now, z)})</option>`,
  );
  const hidden = (name: string, value: string) => markup`<input type="hidden" name="${name}" value="${value}">`;
  return markup`<form class="z" action="/p/${token}">
    ${choice.saidLanguage && hidden('lang', language)}${choice.from && hidden('from', choice.from.toString())}
    <label for="z">${t.timesIn}</label><select id="z" name="zone">${options}</select><button>${t.change}</button>
  </form>`;
}

/** Days in a row without a time are one line. */
function daysOf(p: TimesPage): Html[] {
  const { language } = p.choice;
  const t = TEXTS[language];
  const made: Html[] = [];
  const { days } = p.shown;
  for (let i = 0; i < days.length; i++) {
    const { day, starts } = days[i]!;
    if (starts.length) {
      made.push(daySet(p, dayHeading(day, language), starts, false, made.length === 0 ? day.year : undefined));
      continue;
    }
    while (i + 1 < days.length && !days[i + 1]!.starts.length) i++;
    const last = days[i]!.day;
    const heading = last.equals(day)
      ? dayHeading(day, language)
      : `${dayHeading(day, language)} ${t.until} ${dayInText(last, language).replace(` ${last.year}`, '')}`;
    made.push(
      markup`<h2>${heading}</h2>
        <p class="n">${t.noTimes}</p>`,
    );
  }
  return made;
}

function daySet(p: TimesPage, legend: string, starts: Temporal.Instant[], named: boolean, year?: number): Html {
  const { zone, language } = p.choice;
  const { hostTimeZone } = p.view;
  const radios = starts.map((at) => {
    const day = named && markup`<small>${dayHeading(dayOf(at, zone), language)}</small>`;
    const otherDay = dayOf(at, hostTimeZone).equals(dayOf(at, zone))
      ? ''
      : `${dayOf(at, hostTimeZone).toLocaleString(language === 'sv' ? 'sv-SE' : 'en-GB', { weekday: 'short' })} `;
    const other =
      !sameClock(zone, hostTimeZone, at) &&
      markup` <small>${otherDay}${clock(at, hostTimeZone)} ${placeOf(hostTimeZone, language)}</small>`;
    return markup`<label class="s"><input type="radio" name="at" value="${startValue(at)}" form="f" required><span>${day}${clock(at, zone)}${other}</span></label>`;
  });
  return markup`<fieldset>
    <legend>${legend}${year && markup` <i>${year}</i>`}</legend>
    <div class="g">${radios}</div>
  </fieldset>`;
}

function changeNote({ view, choice: { zone, language }, shown }: TimesPage): Html | false {
  const last = shown.days.at(-1)?.starts.at(-1) ?? shown.days.findLast((d) => d.starts.length)?.starts.at(-1);
  const day = last && clockChange(zone, Temporal.Instant.from(view.now), last);
  return day
    ? markup`<p class="n">${TEXTS[language].clockChange(placeOf(zone, language), dayInText(day, language))}</p>`
    : false;
}
