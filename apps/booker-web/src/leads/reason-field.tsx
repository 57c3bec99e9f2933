import { holdsIdentityNumber, namesSpecialCategory } from '@avtala/screening';
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiProblem } from '../app/api.js';
import { useWords } from '../words/language.js';
import { leads } from '../words/leads.js';
import css from './leads.module.css';

export interface Reason {
  readonly value: string;
  readonly set: (value: string) => void;
  /** Checks what is typed and says what is wrong beside the field. @returns the reason, or undefined when there is none yet */
  readonly take: () => string | undefined;
  readonly error: string | undefined;
  /** What the API said of it. @returns whether it was about the reason */
  readonly refused: (error: unknown) => boolean;
}

/** A reason that is kept in the audit trail, so it may not say who it is about: the server refuses the same. */
export function useReason(): Reason {
  const t = useWords(leads);
  const [value, setValue] = useState('');
  const [error, setError] = useState<string>();
  const take = () => {
    const reason = value.trim();
    const wrong = !/[\p{L}\p{N}]/u.test(reason)
      ? t.reasonMissing
      : holdsIdentityNumber(reason) || namesSpecialCategory(reason) || /\S@\S/.test(reason)
        ? t.reasonPerson
        : undefined;
    setError(wrong);
    return wrong ? undefined : reason;
  };
  const refused = (e: unknown) => {
    const about =
      e instanceof ApiProblem &&
      ['identity-number', 'special-category', 'text-invalid', 'request-invalid'].includes(e.code);
    if (about) setError(t.reasonPerson);
    return about;
  };
  const set = (next: string) => {
    setValue(next);
    setError(undefined);
  };
  return { value, set, take, error, refused };
}

/** With what is said most often, to be chosen by one press. */
export function ReasonField({
  reason,
  usual,
  disabled = false,
}: {
  readonly reason: Reason;
  readonly usual: Readonly<Record<string, string>>;
  readonly disabled?: boolean;
}) {
  const t = useWords(leads);
  return (
    <div className={css.reason}>
      <TextInput
        label={t.reason}
        description={t.reasonHelp}
        value={reason.value}
        onChange={(e) => reason.set(e.currentTarget.value)}
        error={reason.error}
        maxLength={500}
        required
        autoComplete="off"
        disabled={disabled}
        data-autofocus
      />
      <div className={css.usual}>
        {Object.values(usual).map((text) => (
          <Button key={text} size="xs" variant="subtle" disabled={disabled} onClick={() => reason.set(text)}>
            {text}
          </Button>
        ))}
      </div>
    </div>
  );
}
