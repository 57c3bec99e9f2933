import type { Notice } from '@avtala/contracts';

export type Language = 'sv' | 'en';

const LOCALE: Readonly<Record<Language, string>> = { sv: 'sv-SE', en: 'en-GB' };

/** `måndag 1 mars 2027, 10:00–10:30 (Europe/Stockholm, UTC+01:00)`: how a person reads it in their own zone. */
export function readableTime(
  startsAt: Temporal.Instant,
  endsAt: Temporal.Instant,
  zone: string,
  language: Language,
): string {
  const from = startsAt.toZonedDateTimeISO(zone);
  const to = endsAt.toZonedDateTimeISO(zone);
  const end = from.toPlainDate().equals(to.toPlainDate()) ? clock(to) : `${day(to, language)}, ${clock(to)}`;
  return `${day(from, language)}, ${clock(from)}–${end} (${zone}, UTC${from.offset})`;
}

const clock = (t: Temporal.ZonedDateTime): string => t.toPlainTime().toString({ smallestUnit: 'minute' });

// Only the names of weekday and month come from locale data; the order is ours, so that a mail does not change with the data's version.
function day(t: Temporal.ZonedDateTime, language: Language): string {
  const date = t.toPlainDate();
  const weekday = date.toLocaleString(LOCALE[language], { weekday: 'long' });
  const month = date.toLocaleString(LOCALE[language], { month: 'long' });
  return `${weekday} ${date.day} ${month} ${date.year}`;
}

const GROUND: Readonly<Record<Language, Record<Notice['ground'], string>>> = {
  sv: {
    consent: 'ditt samtycke (artikel 6.1 a i dataskyddsförordningen)',
    contract: 'avtal eller åtgärder inför ett avtal (artikel 6.1 b i dataskyddsförordningen)',
    'legitimate-interest': 'berättigat intresse (artikel 6.1 f i dataskyddsförordningen)',
  },
  en: {
    consent: 'your consent (Article 6(1)(a) GDPR)',
    contract: 'a contract or steps before one (Article 6(1)(b) GDPR)',
    'legitimate-interest': 'legitimate interest (Article 6(1)(f) GDPR)',
  },
};

// Body text, not a header: a line break cannot escape it, but could fake further lines of the notice.
const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ');

/** What GDPR Art. 14 says the person must be told, with the first message at the latest (B8, F9). */
export function noticeText(notice: Notice, privacyUrl: string, language: Language): string {
  const obtained = notice.obtainedAt.slice(0, 10);
  const controller = oneLine(notice.controller);
  const source = oneLine(notice.source);
  const ground = GROUND[language][notice.ground];
  return language === 'sv'
    ? [
        'Om dina personuppgifter',
        `Personuppgiftsansvarig: ${controller}`,
        `Var uppgifterna kommer från: ${source} (inhämtade ${obtained})`,
        `Ändamål: att boka och hålla möten. Rättslig grund: ${ground}`,
        'Kategorier: namn, företag, titel, e-post, telefon, sociala konton, vad vi har talat om.',
        'Du har rätt att få en kopia av dina uppgifter, få dem rättade, raderade eller begränsade, att få ut dem i ett',
        'maskinläsbart format, att när som helst återkalla ett samtycke och att invända mot behandlingen.',
        'Du kan klaga hos Integritetsskyddsmyndigheten (IMY).',
        `Dina uppgifter och val: ${privacyUrl}`,
      ].join('\n')
    : [
        'About your personal data',
        `Controller: ${controller}`,
        `Where the data came from: ${source} (obtained ${obtained})`,
        `Purpose: arranging and holding meetings. Legal ground: ${ground}`,
        'Categories: name, company, title, e-mail, phone, social accounts, what we talked about.',
        'You have the right to a copy of your data, to have it rectified, erased or restricted, to receive it in a',
        'machine-readable format, to withdraw a consent at any time and to object to the processing.',
        'You can complain to the Swedish Authority for Privacy Protection (IMY).',
        `Your data and choices: ${privacyUrl}`,
      ].join('\n');
}

export interface Wording {
  title: string;
  hostName: string;
  time: string;
  location?: string | undefined;
  moved: boolean;
  links?: { move: string; cancel: string } | undefined;
}

/** Subject and opening lines of an invite. */
export function requestWords(w: Wording, language: Language): { subject: string; lines: string[] } {
  return language === 'sv'
    ? {
        subject: `${w.moved ? 'Ny tid' : 'Inbjudan'}: ${w.title}`,
        lines: [
          w.moved ? `Mötet ”${w.title}” har fått en ny tid.` : `Välkommen till mötet ”${w.title}”.`,
          '',
          `Tid: ${w.time}`,
          `Med: ${w.hostName}`,
          ...(w.location ? [`Plats: ${w.location}`] : []),
          ...(w.links ? ['', `Flytta mötet: ${w.links.move}`, `Avboka mötet: ${w.links.cancel}`] : []),
        ],
      }
    : {
        subject: `${w.moved ? 'New time' : 'Invitation'}: ${w.title}`,
        lines: [
          w.moved ? `The meeting “${w.title}” has a new time.` : `Welcome to the meeting “${w.title}”.`,
          '',
          `Time: ${w.time}`,
          `With: ${w.hostName}`,
          ...(w.location ? [`Place: ${w.location}`] : []),
          ...(w.links ? ['', `Move the meeting: ${w.links.move}`, `Cancel the meeting: ${w.links.cancel}`] : []),
        ],
      };
}

/** Subject and lines of a cancellation. */
export function cancelWords(w: Wording, language: Language): { subject: string; lines: string[] } {
  return language === 'sv'
    ? {
        subject: `Inställt: ${w.title}`,
        lines: [`Mötet ”${w.title}” är inställt.`, '', `Det skulle ha varit: ${w.time}`],
      }
    : {
        subject: `Cancelled: ${w.title}`,
        lines: [`The meeting “${w.title}” is cancelled.`, '', `It would have been: ${w.time}`],
      };
}
