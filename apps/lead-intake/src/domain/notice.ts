import type { Ground, Notice } from '@avtala/contracts';

/** What a booker says in the first call (B8), with the sentence to say. */
export interface SpokenNotice extends Notice {
  text: string;
}

const GROUNDS_IN_WORDS: Record<Ground, string> = {
  consent: 'ditt samtycke',
  contract: 'ett avtal',
  'legitimate-interest': 'berättigat intresse',
};

/** The notice of GDPR Art. 14: where the data came from, who is responsible, on what ground, and that the person may say no. */
export function noticeOf(
  lead: { source: string; ground: Ground; obtained_at: Date },
  engagement: { controller: string | null },
): SpokenNotice {
  const { source, ground } = lead;
  const controller = engagement.controller ?? 'vår uppdragsgivare';
  return {
    source,
    ground,
    obtainedAt: lead.obtained_at.toISOString(),
    controller,
    text:
      `Dina uppgifter kommer från ${source}. Personuppgiftsansvarig är ${controller}, och grunden är ${GROUNDS_IN_WORDS[ground]}. ` +
      'Du kan när som helst säga nej; då tar vi bort dina uppgifter och kontaktar dig inte igen.',
  };
}
