import { IconSettings } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/settings',
  word: { sv: 'Inställningar', en: 'Settings' },
  icon: IconSettings,
  group: 'agency',
  roles: ['admin'],
} as const satisfies NavItem;
