import { useCallback, useEffect, useRef, useState } from 'react';
import { businessNow } from '../../app/clock.js';
import type { ImportStatus } from './import-screen.js';

/** How long rates are looked at, ms: a chunk is a second or so. */
const LOOK_BACK_MS = 20_000;

interface Heard {
  readonly status: ImportStatus;
  /** When the stream broke; undefined while it is heard. */
  readonly lost: Temporal.Instant | undefined;
  readonly secondsLeft: number | undefined;
  readonly hear: (status: ImportStatus) => void;
}

/** An import's event stream. The browser comes back by itself after a lost connection and says what it has heard, so nothing is missed; after the
 * end the server answers 204 and it stays away. */
export function useProgress(id: string, first: ImportStatus): Heard {
  const [status, setStatus] = useState(first);
  const [lost, setLost] = useState<Temporal.Instant>();
  const [secondsLeft, setLeft] = useState<number>();
  const marks = useRef<{ at: number; read: number }[]>([]);
  const hear = useCallback((next: ImportStatus) => {
    setStatus(next);
    const at = performance.now();
    const read = next.accepted + next.merged + next.refused;
    if (next.state !== 'running') marks.current = [];
    else marks.current = [...marks.current.filter((m) => at - m.at < LOOK_BACK_MS), { at, read }];
    const [from] = marks.current;
    const rate = from && at > from.at ? (read - from.read) / (at - from.at) : 0;
    setLeft(rate > 0 ? Math.ceil((next.offered - read) / rate / 1000) : undefined);
  }, []);
  const over = status.state === 'done' || status.state === 'failed';
  useEffect(() => {
    if (over) return undefined;
    const stream = new EventSource(`/api/v1/imports/${id}/events`);
    stream.addEventListener('progress', (e) => {
      setLost(undefined);
      hear(JSON.parse((e as MessageEvent<string>).data) as ImportStatus);
    });
    stream.addEventListener('open', () => setLost(undefined));
    stream.addEventListener('error', () => setLost((since) => since ?? businessNow()));
    return () => stream.close();
  }, [id, over, hear]);
  return { status, lost: over ? undefined : lost, secondsLeft, hear };
}
