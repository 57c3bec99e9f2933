import { IconLayoutDashboard } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/overview',
  word: { sv: 'Översikt', en: 'Overview' },
  icon: IconLayoutDashboard,
  group: 'work',
  roles: ['client'],
  home: ['client'],
} as const satisfies NavItem;
