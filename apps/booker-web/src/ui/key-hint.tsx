import { Fragment } from 'react';
import { withAlt } from '../keys/keys.js';
import { useCharacterKeys } from '../keys/use-keys.js';
import css from './key-hint.module.css';

const SIGNS: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  Space: '␣',
};

/** A key as it stands on its button: `<KeyHint k="Enter" />`, `<KeyHint k="g r" />`. Not read aloud: the button says it by
 * `aria-keyshortcuts` (keys.ts, `ariaKeys`). Gone when the person has switched character keys off. */
export function KeyHint({ k }: { readonly k: string }) {
  const choice = useCharacterKeys();
  const presses = withAlt(k).split(' ');
  if (choice === 'off' && presses.some((p) => p.replace('Shift+', '').length === 1)) return null;
  return (
    <span className={css.keys} aria-hidden>
      {presses.map((press, i) => (
        <Fragment key={i}>
          <kbd className={css.key}>{press.split('+').map(capital).join(' ')}</kbd>
        </Fragment>
      ))}
    </span>
  );
}

const capital = (key: string) => SIGNS[key] ?? (key.length === 1 ? key.toUpperCase() : key);
