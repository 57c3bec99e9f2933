import { Button, Checkbox, Select } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../../app/api.js';
import { useKeys } from '../../keys/use-keys.js';
import { KeyHint } from '../../ui/key-hint.js';
import { LawLine, Section } from '../../ui/section.js';
import { Failed } from '../../ui/states.js';
import { Badge } from '../../ui/status-badge.js';
import { list, number } from '../../words/formats.js';
import { useLanguage, useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import css from './import.module.css';
import { useMemory } from './import-memory.js';
import type { Mapping, WaitingFile } from './import-screen.js';

const FIELDS = [
  ...(['name', 'firstName', 'lastName', 'company', 'title', 'email', 'phone', 'mobile', 'social'] as const),
  ...(['birthDate', 'age'] as const),
] as const;
const NOT_TAKEN = '-';

/** Step 3. Guesses are marked as guesses; what is outside the allow-list is struck through and left where it is (B1). */
export function MappingStep({
  file,
  engagementId,
  supplier,
  mapping,
  chosen,
  onChange,
  onBack,
  onNext,
}: {
  readonly file: WaitingFile;
  readonly engagementId: string;
  readonly supplier: string;
  readonly mapping: Mapping;
  /** Columns a person has decided about. */
  readonly chosen: ReadonlySet<string>;
  readonly onChange: (column: string, field: string | null) => void;
  readonly onBack: () => void;
  readonly onNext: () => void;
}) {
  const t = useWords(importing);
  const language = useLanguage();
  const { preview } = useMemory();
  const [tried, setTried] = useState(false);
  const [save, setSave] = useState(false);
  const keep = useMutation({
    mutationFn: () =>
      answer(
        api.PUT('/api/v1/engagements/{id}/suppliers/{supplier}/mapping', {
          params: { path: { id: engagementId, supplier } },
          body: { mapping: { ...mapping } },
        }),
      ),
    onSuccess: onNext,
  });
  const taken = file.columns.flatMap((c) => mapping[c] ?? []);
  const twice = new Set(taken.filter((f, i) => taken.indexOf(f) !== i));
  const noName = !taken.some((f) => f === 'name' || f === 'firstName' || f === 'lastName');
  const noContact = !taken.some((f) => f === 'email' || f === 'phone' || f === 'mobile');
  const guesses = file.guessed.filter((c) => !chosen.has(c) && mapping[c] != null).length;
  const wrong = twice.size > 0 || noName || noContact;
  const next = () => {
    setTried(true);
    if (wrong) return;
    if (save && supplier) keep.mutate();
    else onNext();
  };
  useKeys(t.title, [
    { key: 'Ctrl+Enter', does: t.keyNext, run: next, inFields: true },
    { key: 'Escape', does: t.back, run: onBack },
  ]);
  const sample = (column: string) => {
    const at = preview?.columns.indexOf(column) ?? -1;
    return at < 0 ? undefined : preview!.rows.map((r) => r[at]).find((v) => v?.trim());
  };
  const options = [
    { value: NOT_TAKEN, label: t.notTaken },
    ...FIELDS.map((value) => ({ value, label: t.fields[value] })),
  ];
  const how = (column: string) =>
    chosen.has(column) ? (
      <Badge tone="ok">{t.byYou}</Badge>
    ) : file.guessed.includes(column) ? (
      <Badge tone="warn">{t.guess}</Badge>
    ) : mapping[column] != null ? (
      <Badge tone="ok">{t.asBefore}</Badge>
    ) : null;
  return (
    <>
      <Section
        title={t.mappingTitle}
        aside={guesses ? (guesses === 1 ? t.guessOne : t.guesses(number(language, guesses))) : undefined}
        flush
      >
        <div className={css.scroll}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{t.column}</th>
                <th scope="col">{t.sample}</th>
                <th scope="col">{t.readAs}</th>
                <th scope="col">
                  <span className="visually-hidden">{t.guess}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {file.columns.map((column) => {
                const field = mapping[column] ?? null;
                return (
                  <tr key={column}>
                    <th scope="row" className={field === null ? css.out : undefined}>
                      <bdi>{column || '–'}</bdi>
                    </th>
                    <td className={field === null ? css.out : css.faint}>
                      <bdi>{sample(column) ?? ''}</bdi>
                    </td>
                    <td>
                      <Select
                        aria-label={`${t.readAs}: ${column}`}
                        data={options}
                        value={field ?? NOT_TAKEN}
                        allowDeselect={false}
                        error={field !== null && twice.has(field) ? t.twice : undefined}
                        onChange={(value) => onChange(column, value === NOT_TAKEN ? null : value)}
                      />
                    </td>
                    <td>{how(column)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </Section>
      <LawLine>{t.mappingLaw}</LawLine>
      {file.gone.length > 0 && <p className={css.faint}>{t.goneColumns(list(language, file.gone))}</p>}
      <div role="alert" className={css.error}>
        {tried && noName && <p>{t.nameMissing}</p>}
        {tried && noContact && <p>{t.contactMissing}</p>}
        {tried && twice.size > 0 && <p>{t.twice}</p>}
      </div>
      {supplier && (
        <Checkbox label={t.saveMapping(supplier)} checked={save} onChange={(e) => setSave(e.currentTarget.checked)} />
      )}
      {keep.isError && <Failed what={t.draftAway} error={keep.error} />}
      <div className={css.acts}>
        <Button onClick={onBack}>{t.back}</Button>
        <Button
          variant="filled"
          onClick={next}
          disabled={keep.isPending}
          aria-keyshortcuts="Control+Enter"
          rightSection={<KeyHint k="Ctrl+Enter" />}
        >
          {t.next}
        </Button>
      </div>
    </>
  );
}
