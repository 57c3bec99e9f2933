import type { Bell } from '../bell.js';
import { Loop } from '../loop.js';
import type { Progress } from '../progress.js';
import { RELAY_EVENTS, RELAY_ROWS } from './rows.js';

/** Rest between two looks at the outbox; only for what the ring after each append's commit did not reach. */
const POLL_MS = 50;
/** Another process relays: it has our outbox, too. */
const STAND_BY_MS = 500;

/** What one step moved: rows of the outbox, and the events they stood for. */
export interface Moved {
  readonly rows: number;
  readonly events: number;
}

/** Both relays' rhythm: goes on at once while there is more than one step takes.
 * @param step moves the next rows; undefined while another process holds the relay's lock */
export function relayLoop(step: () => Promise<Moved | undefined>, bell: Bell, progress: Progress): Loop {
  return new Loop(
    'relay',
    async () => {
      const moved = await step();
      if (!moved) return STAND_BY_MS;
      progress.add(moved.events);
      return moved.rows < RELAY_ROWS && moved.events < RELAY_EVENTS ? POLL_MS : 0;
    },
    bell,
  );
}
