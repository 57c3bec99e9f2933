import { IconRefresh } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/sync',
  word: { sv: 'Synk', en: 'Sync' },
  icon: IconRefresh,
  group: 'work',
  roles: ['supervisor', 'admin', 'dpo'],
  go: 's',
} as const satisfies NavItem;
