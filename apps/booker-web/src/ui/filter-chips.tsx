import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { useRef } from 'react';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import css from './filter-chips.module.css';

export interface FilterChip {
  readonly id: string;
  /** `Uppdrag: Kvarnlid`; never a person's data, since filters stand in the address. */
  readonly label: string;
}

/** The filters that hold now; each goes by a press, or by Backspace or Delete while it has focus. The screen keeps them in the address. */
export function FilterChips({
  chips,
  onRemove,
  onClear,
}: {
  readonly chips: readonly FilterChip[];
  readonly onRemove: (id: string) => void;
  readonly onClear: () => void;
}) {
  const t = useWords(ui);
  const list = useRef<HTMLUListElement>(null);
  if (!chips.length) return null;
  const onKeyDown = (event: KeyboardEvent, id: string, at: number) => {
    if (event.key !== 'Backspace' && event.key !== 'Delete') return;
    event.preventDefault();
    onRemove(id);
    queueMicrotask(() => list.current?.querySelectorAll('button')[Math.max(0, at - 1)]?.focus());
  };
  return (
    <ul className={css.chips} aria-label={t.filters} ref={list}>
      {chips.map((chip, i) => (
        <li key={chip.id}>
          <button
            type="button"
            className={css.chip}
            onClick={() => onRemove(chip.id)}
            onKeyDown={(e) => onKeyDown(e, chip.id, i)}
            aria-label={t.remove(chip.label)}
          >
            {chip.label}
            <IconX size={13} aria-hidden />
          </button>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <Button size="xs" variant="subtle" onClick={onClear}>
            {t.clearFilters}
          </Button>
        </li>
      )}
    </ul>
  );
}
