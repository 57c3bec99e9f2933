import type { Language } from '../words/words.js';
import { number } from '../words/formats.js';
import { STATUS, type StatusWord } from '../words/status.js';
import type { auditActs } from '../words/audit-acts.js';
import type { audit } from '../words/audit.js';
import type { shell } from '../words/shell.js';
import type { Entry } from './trails.js';

/** What sentences are made with. */
export interface Saying {
  readonly language: Language;
  readonly t: (typeof audit)['sv'];
  readonly acts: (typeof auditActs)['sv'];
  readonly roles: (typeof shell)['sv']['roles'];
  /** Names by id. */
  readonly staff: ReadonlyMap<string, string>;
  readonly engagements: ReadonlyMap<string, string>;
}

/** A piece of a sentence: words, or an id that stands for somebody whose name is not ours to say. */
export type Part = string | { readonly id: string } | { readonly name: string };

type Told = Pick<Entry, 'act' | 'by' | 'subjectId' | 'engagementId' | 'detail'>;

/** `Samira Holm läste lead 0195…3fe2, skäl: samtal`: one entry as a sentence. Names are those of staff and engagements; leads have ids alone. */
export function sentenceOf(entry: Told, say: Saying): Part[] {
  const template = templateOf(entry, say);
  const { reason } = entry.detail;
  return [
    ...whoOf(entry.by, say),
    ' ',
    ...(template === undefined
      ? [say.t.unknownAct(entry.act), ...aboutOf(entry)]
      : filled(template, (p) => thing(p, entry, say))),
    ...(typeof reason === 'string' ? [`, ${say.t.reason(reason)}`] : []),
  ];
}

/** Whether there is a sentence for what was done; otherwise its code is said. */
export const isKnown = (entry: Pick<Told, 'act' | 'by'>, say: Saying): boolean => templateOf(entry, say) !== undefined;

/** What was done, said of nobody: for a list of choices. */
export function actLabel(act: string, say: Saying): string {
  const { things } = say.t;
  const general: Readonly<Record<string, string>> = {
    lead: things.aLead,
    person: things.person,
    host: things.aHost,
    engagement: things.engagement,
  };
  const template = (say.acts as Readonly<Record<string, string>>)[act];
  if (template === undefined) return act;
  const text = filled(template, (p) => [general[p] ?? '…']).join('');
  return text.charAt(0).toLocaleUpperCase(say.language) + text.slice(1);
}

export function whoOf(by: Entry['by'], { t, staff }: Saying): Part[] {
  if (by.kind === 'service') return [{ name: by.purpose?.startsWith('link-') ? t.byLink : t.system }];
  if (by.kind === 'key') return [`${t.byKey} `, { id: by.id }];
  const name = staff.get(by.id);
  return name === undefined ? [`${t.formerly} `, { id: by.id }] : [{ name }];
}

function templateOf({ act, by }: Pick<Told, 'act' | 'by'>, { acts }: Saying): string | undefined {
  const known: Readonly<Record<string, string>> = acts;
  return (
    (by.kind === 'user' ? undefined : known[`${act}@service`]) ?? (Object.hasOwn(known, act) ? known[act] : undefined)
  );
}

const aboutOf = ({ subjectId }: Told): Part[] => (subjectId === null ? [] : [', ', { id: subjectId }]);

function filled(template: string, fill: (placeholder: string) => readonly Part[]): Part[] {
  return template
    .split(/\{(\w+)\}/)
    .flatMap((piece, i): readonly Part[] => (i % 2 ? fill(piece) : piece ? [piece] : []));
}

function thing(placeholder: string, { subjectId, engagementId, detail }: Told, say: Saying): readonly Part[] {
  const { things } = say.t;
  switch (placeholder) {
    case 'lead':
      return subjectId === null ? [things.aLead] : [`${things.lead} `, { id: subjectId }];
    case 'host':
      return subjectId === null ? [things.aHost] : [`${things.host} `, { id: subjectId }];
    case 'person': {
      const id = subjectId ?? (typeof detail['userId'] === 'string' ? detail['userId'] : null);
      if (id === null) return [things.person];
      const name = say.staff.get(id);
      return name === undefined ? [`${things.person} `, { id }] : [{ name }];
    }
    case 'engagement':
      return [say.engagements.get(engagementId ?? '') ?? things.engagement];
    default:
      return [factOf(placeholder, detail[placeholder], say)];
  }
}

function factOf(key: string, value: string | number | boolean | null | undefined, say: Saying): string {
  if (value === null || value === undefined) return '…';
  if (typeof value === 'number') return number(say.language, value);
  const text = String(value);
  const words: Readonly<Record<string, Readonly<Record<string, string>>>> = { role: say.roles, act: say.t.bulkActs };
  if (key === 'outcome') return (STATUS.outcome as Readonly<Record<string, StatusWord>>)[text]?.[say.language] ?? text;
  return words[key]?.[text] ?? text;
}
