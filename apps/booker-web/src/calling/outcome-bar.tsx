import { IconHandStop } from '@tabler/icons-react';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import css from './outcome-bar.module.css';
import type { Outcome } from './desk-api.js';
import { useRules } from './use-desk.js';

const KEYS = [
  ['no-answer', 's'],
  ['busy', 'u'],
  ['callback', 'r'],
  ['not-interested', 'n'],
  ['not-a-fit', 'o'],
  ['wrong-number', 'f'],
] as const;

/** Every outcome there is, one key each; it stays while the lead loads. */
export function OutcomeBar({
  engagementId,
  disabled,
  press,
}: {
  readonly engagementId: string;
  readonly disabled: boolean;
  readonly press: (outcome: Outcome) => void;
}) {
  const t = useWords(calling);
  const rules = useRules(engagementId).data;
  const after = (minutes: number | undefined) =>
    minutes === undefined ? '' : t.bar.again(minutes % 60 ? t.bar.minutes(minutes) : t.bar.hours(minutes / 60));
  const below = {
    'no-answer': after(rules?.waitNoAnswerMinutes),
    busy: after(rules?.waitBusyMinutes),
    callback: t.bar.pickTime,
    'not-interested': t.bar.closes,
    'not-a-fit': t.bar.outside,
    'wrong-number': t.bar.correctOrClose,
  };
  return (
    <div className={css.bar} role="group" aria-label={t.bar.region}>
      {KEYS.map(([outcome, key]) => (
        <button
          key={outcome}
          type="button"
          disabled={disabled}
          onClick={() => press(outcome)}
          aria-keyshortcuts={ariaKeys(key)}
        >
          <KeyHint k={key} />
          <span>
            <b>{t.bar[outcome]}</b>
            <span>{below[outcome]}</span>
          </span>
        </button>
      ))}
      <button
        type="button"
        className={css.no}
        disabled={disabled}
        onClick={() => press('objected')}
        aria-keyshortcuts={ariaKeys('x')}
      >
        <KeyHint k="x" />
        <span>
          <b>{t.bar.objected}</b>
          <span>{t.bar.blocked}</span>
        </span>
        <IconHandStop size={20} aria-hidden />
      </button>
    </div>
  );
}
