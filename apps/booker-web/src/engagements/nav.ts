import { IconBriefcase } from '@tabler/icons-react';
import type { NavItem } from '../app/nav.js';

export const nav = {
  to: '/engagements',
  word: { sv: 'Uppdrag', en: 'Engagements' },
  icon: IconBriefcase,
  group: 'work',
  roles: ['supervisor', 'admin', 'dpo', 'client'],
  home: ['admin'],
  go: 'u',
} as const satisfies NavItem;
