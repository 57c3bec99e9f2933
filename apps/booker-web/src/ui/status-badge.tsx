import {
  IconAlertTriangle,
  IconCheck,
  IconClock,
  IconCircleDashed,
  IconLock,
  IconX,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useLanguage } from '../words/language.js';
import { STATUS, type StateOf, type StatusWord, type Thing } from '../words/status.js';
import css from './status-badge.module.css';

const ICONS: Record<StatusWord['tone'], TablerIcon> = {
  ok: IconCheck,
  wait: IconClock,
  warn: IconAlertTriangle,
  err: IconX,
  hold: IconLock,
  grey: IconCircleDashed,
};

/** A state: icon, word and colour, never colour alone. The word is the thing's own (words/status.ts).
 * @example <StatusBadge thing="erasure" state="incomplete">, 2 av 9 mottagare kvar</StatusBadge> */
export function StatusBadge<T extends Thing>({
  thing,
  state,
  children,
}: {
  readonly thing: T;
  readonly state: StateOf<T>;
  /** What follows the word. */
  readonly children?: ReactNode;
}) {
  const language = useLanguage();
  const said = (STATUS[thing] as Readonly<Record<string, StatusWord>>)[state]!;
  return (
    <Badge tone={said.tone}>
      {capital(said[language])}
      {children}
    </Badge>
  );
}

/** The same look for what is no state of a thing: `7 av 9 kvitton`. */
export function Badge({
  tone,
  icon,
  children,
}: {
  readonly tone: StatusWord['tone'];
  readonly icon?: TablerIcon;
  readonly children: ReactNode;
}) {
  const Icon = icon ?? ICONS[tone];
  return (
    <span className={css.badge} data-tone={tone}>
      <Icon size={14} stroke={2} aria-hidden />
      <span>{children}</span>
    </span>
  );
}

const capital = (word: string) => word.charAt(0).toLocaleUpperCase('sv') + word.slice(1);
