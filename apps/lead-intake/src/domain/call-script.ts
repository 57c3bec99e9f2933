/** What a booker says, step by step, with answers for what the other one says. Text only, with names of values that the screen fills in. */
export interface ScriptStep {
  title: string;
  text: string;
  branches: ScriptBranch[];
}

export interface ScriptBranch {
  /** What the person says: `Har ont om tid`. */
  label: string;
  text: string;
  /** What the law asks for here, in one sentence. */
  law: string | null;
}

/** Values the screen knows during the call: `{host}` who is to be met, `{slot}` the time chosen, on the person's clock, `{company}` and `{firstName}`
 * of the person, `{client}` on whose behalf, `{booker}` who calls. */
export const SCRIPT_VALUES = ['host', 'slot', 'company', 'firstName', 'client', 'booker'] as const;

const NAMED = /\{([^{}]*)\}/g;

/** Names in braces that no screen fills in, each once. */
export function unknownValues(steps: readonly ScriptStep[]): string[] {
  const texts = steps.flatMap((s) => [s.title, s.text, ...s.branches.flatMap((b) => [b.label, b.text])]);
  const named = texts.flatMap((text) => [...text.matchAll(NAMED)].map(([, name]) => name!));
  return [...new Set(named)].filter((name) => !(SCRIPT_VALUES as readonly string[]).includes(name));
}

/** For an engagement whose script nobody has written yet. */
export const DEFAULT_SCRIPT: readonly ScriptStep[] = [
  {
    title: 'Öppning',
    text: 'Hej {firstName}, det är {booker} som ringer på uppdrag av {client}. Har du två minuter?',
    branches: [
      { label: 'Har ont om tid', text: 'Jag förstår. När passar det bättre att jag ringer, i eftermiddag eller i morgon?', law: null }, // prettier-ignore
      { label: 'Var fick ni numret?', text: 'Det ska jag säga. Det står i rutan här ovanför, och du kan alltid be oss sluta.', law: 'Den som frågar får alltid veta källan (GDPR art. 14).' }, // prettier-ignore
    ],
  },
  {
    title: 'Behov',
    text: 'Jag är nyfiken på hur ni på {company} gör i dag. Vad tar mest tid, och vad vill ni få bort?',
    branches: [
      { label: 'Vi har redan någon', text: 'Bra. Många jämför ändå en gång om året. Vad skulle behöva vara bättre för att ett samtal ska vara värt tiden?', law: null }, // prettier-ignore
      { label: 'Någon annan bestämmer', text: 'Vem av er ska jag prata med, och går det bra att jag säger att du hänvisade mig?', law: null }, // prettier-ignore
    ],
  },
  {
    title: 'Boka',
    text: 'Då föreslår jag ett kort möte med {host}. Passar {slot}, eller är en annan dag bättre?',
    branches: [
      { label: 'Vill ha information först', text: 'Inbjudan beskriver vad mötet handlar om. Ska vi hålla tiden så länge?', law: 'Utskick är marknadsföring och kräver samtycke (MFL 19 §). En bokad inbjudan gör det inte.' }, // prettier-ignore
      {
        label: 'Har ont om tid',
        text: 'Mötet är kort. Vilken dag ser lugnast ut de närmaste två veckorna?',
        law: null,
      },
      {
        label: 'Någon annan ska med',
        text: 'Då tar vi en tid som passar er båda. Skicka gärna inbjudan vidare.',
        law: null,
      },
    ],
  },
  {
    title: 'Avslut',
    text: 'Tack {firstName}. Inbjudan kommer inom en minut, och den säger hur du flyttar eller avbokar. Ha en fin dag!',
    branches: [
      { label: 'Vill inte bli uppringd', text: 'Då ser jag till att det slutar, nu direkt. Tack för att du sa till.', law: 'En invändning gäller genast och hos alla kunder (GDPR art. 21).' }, // prettier-ignore
    ],
  },
];
