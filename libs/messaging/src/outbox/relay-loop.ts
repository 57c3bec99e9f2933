import type { Bell } from '../bell.js';
import { Loop } from '../loop.js';
import type { Progress } from '../progress.js';
import { RELAY_EVENTS, RELAY_ROWS } from './rows.js';

/** Rest between two looks at the outbox, only for what the ring after each append's commit did not reach. */
const POLL_MS = 50;

/** What one step moved: rows of the outbox, and the events they stood for. */
export interface Moved {
  readonly rows: number;
  readonly events: number;
}

/** Both relays' rhythm: goes on at once while there is more than one step takes.
 * @param step moves the next rows, knowing whether it was rung for; undefined while another process holds the relay's lock
 * @param rests standBy: rest after that, ms; longest: looks that find nothing follow each other more and more slowly, up to this many ms */
export function relayLoop(
  step: (rung: boolean) => Promise<Moved | undefined>,
  bell: Bell,
  progress: Progress,
  rests: { standBy: number; longest: number },
): Loop {
  let rest = POLL_MS;
  return new Loop(
    'relay',
    async (rung) => {
      const moved = await step(rung);
      if (!moved) return rests.standBy;
      progress.add(moved.events);
      rest = moved.rows ? POLL_MS : Math.min(rest * 2, rests.longest);
      return moved.rows < RELAY_ROWS && moved.events < RELAY_EVENTS ? rest : 0;
    },
    bell,
  );
}
