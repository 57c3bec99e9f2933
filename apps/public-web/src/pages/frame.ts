import { document, type Html, type PageLanguage, type PageParts } from '@avtala/page';
import type { PublicWebConfig } from '../config.js';
import { yourData } from '../footer.js';
import type { MeetingView } from '../scheduling.js';

/** What a visitor has chosen, as it stands in every address and form. */
export interface Choice {
  language: PageLanguage;
  /** Chosen by them, not by the link. */
  saidLanguage: boolean;
  zone: string;
  saidZone: boolean;
  /** First day shown. */
  from: Temporal.PlainDate | undefined;
}

/** Address of a page behind a link, with the visitor's choices. */
export function pathOf(
  token: string,
  c: Choice,
  change: { language?: PageLanguage; from?: Temporal.PlainDate } = {},
): string {
  const from = change.from ?? c.from;
  const query = new URLSearchParams({
    ...(change.language || c.saidLanguage ? { lang: change.language ?? c.language } : {}),
    ...(c.saidZone ? { zone: c.zone } : {}),
    ...(from ? { from: from.toString() } : {}),
  }).toString();
  return `/p/${token}${query && `?${query}`}`;
}

/** A page about a meeting: whose it is, the other language, and the person's data below. */
export function framed(
  config: PublicWebConfig,
  {
    view,
    token,
    choice,
    title,
    ...parts
  }: {
    view: MeetingView;
    token: string;
    choice: Choice;
    title: string;
    main: Html;
    bar?: Html;
    form?: PageParts['form'];
  },
): string {
  const { language } = choice;
  const other = language === 'sv' ? 'en' : 'sv';
  const controller = view.notice?.controller;
  return document({
    language,
    title,
    head: controller ? { name: controller, by: config.agencyName } : { name: config.agencyName },
    otherLanguage: { href: pathOf(token, choice, { language: other }) },
    footer: yourData(config, language, view),
    sandbox: config.sandbox,
    ...parts,
  });
}
