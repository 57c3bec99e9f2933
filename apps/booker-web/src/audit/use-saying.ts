import { useMemo } from 'react';
import { useEngagementNames } from '../app/engagements.js';
import { useStaffNames } from '../app/staff.js';
import { auditActs } from '../words/audit-acts.js';
import { audit } from '../words/audit.js';
import { useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import type { Saying } from './sentence.js';

export function useSaying(): Saying {
  const language = useLanguage();
  const t = useWords(audit);
  const acts = useWords(auditActs);
  const { roles } = useWords(shell);
  const staff = useStaffNames();
  const engagements = useEngagementNames();
  return useMemo(
    () => ({ language, t, acts, roles, staff, engagements }),
    [language, t, acts, roles, staff, engagements],
  );
}
