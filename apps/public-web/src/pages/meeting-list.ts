import { markup, type Html } from '@avtala/page';
import type { MeetingView } from '../scheduling.js';
import { TEXTS } from '../texts.js';
import { clockChange, dayHeading, dayInText, dayOf, spanInText } from '../times.js';
import { placeOf } from '../zones.js';
import type { Choice } from './frame.js';

/** A meeting that has a time: when on both clocks, with whom, where. */
export function meetingList(view: MeetingView, { language, zone }: Choice): Html {
  const t = TEXTS[language];
  const [startsAt, endsAt] = [Temporal.Instant.from(view.startsAt!), Temporal.Instant.from(view.endsAt!)];
  const day = dayOf(startsAt, zone);
  const change = clockChange(zone, Temporal.Instant.from(view.now), startsAt);
  return markup`<p>${view.title}</p>
    <dl>
      <dt>${t.when}</dt>
      <dd>
        ${dayHeading(day, language)} ${day.year}<br />${spanInText(startsAt, endsAt, [zone, view.hostTimeZone], language)}
      </dd>
      ${
        view.hostName &&
        markup`<dt>${t.withWhom}</dt>
          <dd>${view.hostName}</dd>`
      }${
        view.location &&
        markup`<dt>${t.where}</dt>
          <dd>${view.location}</dd>`
      }
    </dl>
    ${change && markup`<p class="n">${t.clockChange(placeOf(zone, language), dayInText(change, language))}</p>`}`;
}
