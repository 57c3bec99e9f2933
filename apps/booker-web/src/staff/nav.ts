import { IconKey } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/staff',
  word: { sv: 'Personal', en: 'Staff' },
  icon: IconKey,
  group: 'agency',
  roles: ['admin'],
} as const satisfies NavItem;
