import type { Page } from 'playwright-core';
import type { Role } from '../console.js';

/** One picture of a real screen, made in Swedish and English: `docs/pictures/<name>.<language>.png`. */
export interface Picture {
  readonly name: string;
  readonly who: Role | 'nobody';
  readonly path: string;
  /** 1440×900 where not said. */
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  /** Brings the page into the state that is shown; the world of world.ts is there. */
  readonly then?: (page: Page) => Promise<void>;
}

/** Each screen adds its own here. */
export const PICTURES: readonly Picture[] = [
  { name: 'sign-in', who: 'nobody', path: '/sign-in', width: 1280, height: 720 },
  { name: 'sync', who: 'supervisor', path: '/sync' },
];
