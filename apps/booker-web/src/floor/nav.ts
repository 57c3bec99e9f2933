import { IconActivity } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/floor',
  word: { sv: 'Läget', en: 'Floor' },
  icon: IconActivity,
  group: 'work',
  roles: ['supervisor'],
  home: ['supervisor'],
} as const satisfies NavItem;
