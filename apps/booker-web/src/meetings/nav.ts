import { IconCalendarEvent } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/meetings',
  word: { sv: 'Möten', en: 'Meetings' },
  icon: IconCalendarEvent,
  group: 'work',
  roles: ['booker', 'supervisor', 'client'],
  go: 'm',
} as const satisfies NavItem;
