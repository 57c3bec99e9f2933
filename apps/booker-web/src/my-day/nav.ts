import { IconChartBar } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/my-day',
  word: { sv: 'Min dag', en: 'My day' },
  icon: IconChartBar,
  group: 'work',
  roles: ['booker', 'supervisor', 'admin'],
} as const satisfies NavItem;
