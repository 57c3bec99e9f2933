import { Empty } from '../ui/states.js';
import { Page } from '../ui/page.js';
import { useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { nav } from './nav.js';

export function SettingsScreen() {
  const t = useWords(shell);
  const title = nav.word[useLanguage()];
  return (
    <Page title={title} tab={title}>
      <Empty>{t.notYet}</Empty>
    </Page>
  );
}
