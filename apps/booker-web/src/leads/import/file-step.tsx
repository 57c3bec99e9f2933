import { Button } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { type ChangeEvent, type DragEvent, useRef, useState } from 'react';
import { useKeys } from '../../keys/use-keys.js';
import { KeyHint } from '../../ui/key-hint.js';
import { Section } from '../../ui/section.js';
import { number } from '../../words/formats.js';
import { useLanguage, useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import { previewOf, UPLOAD_LIMIT } from './file-preview.js';
import css from './import.module.css';
import { keepFile, useMemory } from './import-memory.js';

/** Step 1. The file's beginning is shown, so that a wrong one is seen before it is sent. */
export function FileStep({ onNext, wrong: sent }: { readonly onNext: () => void; readonly wrong: string | undefined }) {
  const t = useWords(importing);
  const language = useLanguage();
  const { file, preview } = useMemory();
  const picker = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState(sent);
  const [over, setOver] = useState(false);
  const size = (bytes: number) =>
    bytes < 1024 * 1024
      ? `${number(language, Math.ceil(bytes / 1024))} kB`
      : `${number(language, bytes / 1024 ** 2, 1)} MB`;

  const take = async (next: File | undefined) => {
    if (!next) return;
    const read = await previewOf(next).catch(() => 'fileType' as const);
    if (typeof read === 'string') {
      keepFile(undefined, undefined);
      setWrong(read === 'fileLarge' ? t.fileLarge(size(UPLOAD_LIMIT)) : t[read]);
    } else {
      keepFile(next, read);
      setWrong(undefined);
    }
  };
  const next = () => {
    if (file) onNext();
    else {
      setWrong(wrong ?? t.fileMissing);
      picker.current?.focus();
    }
  };
  useKeys(t.title, [{ key: 'Ctrl+Enter', does: t.keyNext, run: next, inFields: true }]);
  return (
    <>
      <Section title={t.fileTitle}>
        <div
          className={css.drop}
          data-over={over || undefined}
          onDragOver={(e: DragEvent) => {
            e.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(e: DragEvent) => {
            e.preventDefault();
            setOver(false);
            void take(e.dataTransfer.files[0]);
          }}
        >
          {file ? (
            <p className={css.chosen}>{t.fileName(file.name, size(file.size))}</p>
          ) : (
            <p id="import-drop">{t.drop}</p>
          )}
          <input
            ref={picker}
            type="file"
            className="visually-hidden"
            tabIndex={-1}
            aria-hidden
            accept=".csv,.tsv,.txt,.xlsx,.ndjson,.jsonl"
            onChange={(e: ChangeEvent<HTMLInputElement>) => {
              void take(e.currentTarget.files?.[0]);
              e.currentTarget.value = ''; // the same file again is a choice, too
            }}
          />
          <Button
            onClick={() => picker.current?.click()}
            leftSection={<IconFileUpload size={16} aria-hidden />}
            aria-describedby={wrong ? 'import-file-error' : undefined}
          >
            {file ? t.otherFile : t.choose}
          </Button>
          <p className={css.error} id="import-file-error" role="alert">
            {wrong ?? ''}
          </p>
          <p className={css.faint}>{t.fileLocal}</p>
        </div>
      </Section>
      {file && preview && (
        <Section title={t.preview} aside={t.previewRows(number(language, preview.rows.length))} flush>
          {preview.columns.length ? (
            <div className={css.scroll} role="region" aria-label={t.preview} tabIndex={0}>
              <table className={`${css.table} ${css.preview}`}>
                <thead>
                  <tr>
                    {preview.columns.map((c, i) => (
                      <th key={i} scope="col">
                        <bdi>{c}</bdi>
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {preview.rows.map((row, i) => (
                    <tr key={i}>
                      {preview.columns.map((_, c) => (
                        <td key={c}>
                          <bdi>{row[c] ?? ''}</bdi>
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          ) : (
            <p className={css.faint} style={{ padding: '0 16px 16px' }}>
              {t.noPreview}
            </p>
          )}
        </Section>
      )}
      <div className={css.acts}>
        <Button
          variant="filled"
          onClick={next}
          aria-keyshortcuts="Control+Enter"
          rightSection={<KeyHint k="Ctrl+Enter" />}
        >
          {t.next}
        </Button>
      </div>
    </>
  );
}
