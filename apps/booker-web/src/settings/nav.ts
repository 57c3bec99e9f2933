import { IconSettings } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/settings',
  word: { sv: 'Inställningar', en: 'Settings' },
  icon: IconSettings,
  group: 'agency',
  // Everybody has settings of their own; the agency's are on the same page, for the admin.
  roles: ['booker', 'supervisor', 'dpo', 'admin', 'client'],
  menuOf: ['admin'],
} as const satisfies NavItem;
