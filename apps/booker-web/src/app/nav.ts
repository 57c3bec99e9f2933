import type { TablerIcon } from '@tabler/icons-react';
import { nav as audit } from '../audit/nav.js';
import { nav as calling } from '../calling/nav.js';
import { nav as engagements } from '../engagements/nav.js';
import { nav as floor } from '../floor/nav.js';
import { nav as leads } from '../leads/nav.js';
import { nav as meetings } from '../meetings/nav.js';
import { nav as myDay } from '../my-day/nav.js';
import { nav as overview } from '../overview/nav.js';
import { nav as privacy } from '../privacy/nav.js';
import { nav as settings } from '../settings/nav.js';
import { nav as staff } from '../staff/nav.js';
import { nav as sync } from '../sync/nav.js';
import type { Language } from '../words/words.js';
import type { Role } from './session.js';

/** An entry of the main menu. Each screen's folder says its own, in `nav.ts`; loaded with the frame, so it imports no screen. */
export interface NavItem {
  readonly to: string;
  readonly word: Readonly<Record<Language, string>>;
  readonly icon: TablerIcon;
  readonly group: 'work' | 'privacy' | 'agency';
  /** Who sees it; anybody else is told that there is no such page. */
  readonly roles: readonly Role[];
  /** Whose menu it stands in, where others may open it, too: from the menu of their account. */
  readonly menuOf?: readonly Role[];
  /** Whose start page it is. */
  readonly home?: readonly Role[];
  /** The letter after G. */
  readonly go?: string;
  /** How many things wait for this person; 0 and undefined show nothing. A hook: it may ask the API (a small, cheap answer). */
  readonly useCount?: () => number | undefined;
  /** The number is late, failed or wrong, not just waiting. */
  readonly urgent?: boolean;
  /** Shown below while one of them, or the entry itself, is open. */
  readonly below?: readonly Omit<NavItem, 'icon' | 'group' | 'below'>[];
}

export const NAV: readonly NavItem[] = [
  calling,
  floor,
  overview,
  leads,
  meetings,
  myDay,
  engagements,
  sync,
  privacy,
  audit,
  staff,
  settings,
];

export const navFor = (role: Role): readonly NavItem[] =>
  NAV.filter((item) => (item.menuOf ?? item.roles).includes(role)).map((item) =>
    item.below ? { ...item, below: item.below.filter((b) => b.roles.includes(role)) } : item,
  );

/** Where a role starts. */
export const homeOf = (role: Role): string => NAV.find((item) => item.home?.includes(role))?.to ?? '/meetings';
