import { IconPhone } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/calling',
  word: { sv: 'Ringa', en: 'Calling' },
  icon: IconPhone,
  group: 'work',
  roles: ['booker'],
  home: ['booker'],
  go: 'r',
} as const satisfies NavItem;
