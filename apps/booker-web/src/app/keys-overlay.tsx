import { SegmentedControl } from '@mantine/core';
import { type CharacterKeys, setCharacterKeys } from '../keys/keys.js';
import { useCharacterKeys, useShownKeys } from '../keys/use-keys.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { KeyHint } from '../ui/key-hint.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { useState } from 'react';
import { closeAll, useOpen } from './shell-state.js';
import css from './keys-overlay.module.css';

/** `?`: what each key does here and now, and whether single characters count. */
export function KeysOverlay() {
  const t = useWords(shell);
  const opened = useOpen() === 'keys';
  const shown = useShownKeys();
  const choice = useCharacterKeys();
  // The page's keys sleep while this is open, so what was there is remembered.
  const [groups, setGroups] = useState(shown);
  if (!opened && groups !== shown) setGroups(shown);
  return (
    <Dialog opened={opened} onClose={closeAll} title={t.keysTitle} size={720}>
      <div className={css.groups}>
        {groups.map((group, i) => (
          <section key={i} aria-label={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.keys.map((key) => (
                <div key={key.key}>
                  <dt>
                    <KeyHint k={key.key} />
                    <span className="visually-hidden">{key.key}</span>
                  </dt>
                  <dd>{key.does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className={css.choice}>
        <span id="character-keys">{t.characterKeys}</span>
        <SegmentedControl
          size="xs"
          aria-labelledby="character-keys"
          value={choice}
          onChange={(value) => setCharacterKeys(value as CharacterKeys)}
          data={[
            { value: 'on', label: t.charactersOn },
            { value: 'alt', label: t.charactersAlt },
            { value: 'off', label: t.charactersOff },
          ]}
        />
      </div>
    </Dialog>
  );
}
