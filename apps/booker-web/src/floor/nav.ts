import { IconActivity } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { NavItem } from '../app/nav.js';
import { callbacksQuery } from './floor-api.js';

/** Overdue callbacks: promises that somebody has to take over. The screen itself asks more often. */
const useOverdue = () => useQuery({ ...callbacksQuery, refetchInterval: 15_000 }).data?.items.length;

export const nav = {
  to: '/floor',
  word: { sv: 'Läget', en: 'Floor' },
  icon: IconActivity,
  group: 'work',
  roles: ['supervisor'],
  home: ['supervisor'],
  useCount: useOverdue,
  urgent: true,
} as const satisfies NavItem;
