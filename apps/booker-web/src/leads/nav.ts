import { IconUsers } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/leads',
  word: { sv: 'Leads', en: 'Leads' },
  icon: IconUsers,
  group: 'work',
  roles: ['booker', 'supervisor'],
  go: 'l',
} as const satisfies NavItem;
