import { IconListSearch } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/audit',
  word: { sv: 'Granskningslogg', en: 'Audit log' },
  icon: IconListSearch,
  group: 'privacy',
  roles: ['dpo', 'admin'],
} as const satisfies NavItem;
