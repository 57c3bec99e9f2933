import { IconShieldLock } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/privacy-centre',
  word: { sv: 'Integritet', en: 'Privacy' },
  icon: IconShieldLock,
  group: 'privacy',
  roles: ['dpo'],
  home: ['dpo'],
  go: 'i',
  below: [
    { to: '/privacy-centre/erasures', word: { sv: 'Raderingar', en: 'Erasures' }, roles: ['dpo'] },
    { to: '/privacy-centre/certificates', word: { sv: 'Intyg', en: 'Certificates' }, roles: ['dpo'] },
    { to: '/privacy-centre/suppressions', word: { sv: 'Spärrlista', en: 'Suppression list' }, roles: ['dpo'] },
  ],
} as const satisfies NavItem;
