import { useNavigate } from '@tanstack/react-router';
import { useKeys } from '../keys/use-keys.js';
import { useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { navFor } from './nav.js';
import { useMe } from './session.js';
import { openKeys, openPalette } from './shell-state.js';

/** Keys that act on every screen. */
export function FrameKeys() {
  const t = useWords(shell);
  const language = useLanguage();
  const navigate = useNavigate();
  const { role } = useMe();
  useKeys(
    t.global,
    [
      { key: 'Ctrl+k', does: t.palette, run: openPalette, inFields: true },
      { key: '?', does: t.keysTitle, run: openKeys },
      ...navFor(role)
        .filter((item) => item.go)
        .map((item) => ({
          key: `g ${item.go}`,
          does: t.goTo(item.word[language]),
          run: () => void navigate({ to: item.to as '/' }),
        })),
    ],
    { frame: true },
  );
  return null;
}
