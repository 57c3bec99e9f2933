import { useEffect } from 'react';
import { answer, api, ApiProblem } from './api.js';
import { businessNow, setBusinessTime } from './clock.js';
import { refetchable, touchedBy, type LiveChange } from './live-keys.js';
import { queryClient } from './query-client.js';
import { setStale } from './sandbox.js';
import { askMe, sessionQuery, type SessionState, useMe } from './session.js';

/** Two beats and a half (protocols.md §11). */
const STALE_MS = 10_000;
/** Changes of this long are one fetch: an import or a clock that moves tells hundreds. */
const TOGETHER_MS = 400;
const LONGEST_WAIT_MS = 15_000;

let close: (() => void) | undefined;

/** Ends the tab's stream: nothing more is heard once somebody has signed out. */
export const closeLive = (): void => close?.();

/** The tab's one stream, for as long as the frame is shown and the same session lasts. */
export function useLive(): void {
  const { id, authTime } = useMe();
  useEffect(() => {
    const end = open();
    close = end;
    return end;
  }, [id, authTime]);
}

function open(): () => void {
  let source: EventSource;
  let heardAt = performance.now();
  let heard = businessNow();
  let stale = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  let waitMs = 1000;
  let missed = false;
  let ended = false;
  const changes: LiveChange[] = [];
  let telling: ReturnType<typeof setTimeout> | undefined;

  const isAlive = () => {
    heardAt = performance.now();
    heard = businessNow();
    waitMs = 1000;
    if (stale) setStale(undefined);
    stale = false;
  };
  const everything = () => void queryClient.invalidateQueries({ predicate: refetchable });
  const tellTogether = () => {
    telling = undefined;
    void queryClient.invalidateQueries({ predicate: touchedBy(changes.splice(0)) });
  };

  const connect = () => {
    source = new EventSource('/api/v1/live');
    source.addEventListener('ready', () => {
      isAlive();
      if (missed) everything(); // the new stream has no place to go on from
      missed = false;
    });
    source.addEventListener('beat', (event: MessageEvent<string>) => {
      const { at } = JSON.parse(event.data) as { at: string };
      setBusinessTime(Temporal.Instant.from(at));
      isAlive();
    });
    source.addEventListener('change', (event: MessageEvent<string>) => {
      isAlive();
      changes.push(JSON.parse(event.data) as LiveChange);
      telling ??= setTimeout(tellTogether, TOGETHER_MS);
    });
    source.addEventListener('reset', (event: MessageEvent<string>) => {
      isAlive();
      const { reason } = JSON.parse(event.data) as { reason: 'gap' | 'access' };
      if (reason === 'access') void learnAccess();
      everything();
    });
    // A line that broke is taken up again by the browser, from the last id. An answer that is no stream (503, 401) ends it: ours to repeat.
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED || ended) return;
      missed = true;
      again = setTimeout(() => void reconnect(), waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    });
  };
  /** First asks whether the session is over: then signing in again, which opens a stream of its own, is all there is to do. */
  const reconnect = async () => {
    try {
      await answer(api.GET('/api/v1/me'));
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return;
    }
    if (!ended) connect();
  };
  const watch = setInterval(() => {
    if (stale || performance.now() - heardAt < STALE_MS) return;
    stale = true;
    setStale(heard);
  }, 1000);

  connect();
  return () => {
    ended = true;
    source.close();
    clearInterval(watch);
    clearTimeout(again);
    clearTimeout(telling);
    setStale(undefined);
  };
}

/** Which engagements the menu and the lists are of; a session that is over is told by the next answer, not by taking the page away. */
async function learnAccess(): Promise<void> {
  const me = await askMe().catch(() => undefined);
  const state: SessionState | undefined = me && { state: 'signed-in', me };
  if (state) queryClient.setQueryData(sessionQuery.queryKey, state);
}
