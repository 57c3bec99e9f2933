import { useEffect } from 'react';
import { api } from '../app/api.js';
import type { Desk } from './desk.js';
import { inCall } from './view.js';

type Told = 'waiting' | 'lead' | 'in-call' | 'wrap-up' | 'paused' | 'left';

/** A supervisor hears of a change within two seconds: this, their question, and the way. */
const SETTLES_MS = 250;
/** The server forgets a desk it has not heard of for 90 seconds; a hidden page may speak once a minute. */
const BEAT_MS = 15_000;

/** Tells the server where a desk is, in one word, while it is on the screen or has a lead in hand. What is lost is told by the next beat. */
class Presence {
  #onScreen = false;
  #told: Told = 'left';
  #settling: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setInterval> | undefined;
  #deaf: (() => void) | undefined;

  constructor(private readonly desk: Desk) {}

  show(): void {
    this.#onScreen = true;
    this.#deaf ??= this.desk.subscribe(() => this.#soon());
    this.#beat ??= setInterval(() => this.#tell(this.#state()), BEAT_MS);
    this.#soon();
  }

  hide(): void {
    this.#onScreen = false;
    this.#soon();
  }

  /** The page goes: whoever was at the desk is there no more. */
  readonly close = (): void => {
    if (this.#told !== 'left') this.#tell('left');
  };

  /** Another desk is opened, and says where the booker is now. */
  stop(): void {
    this.#deaf?.();
    this.#deaf = undefined;
    clearInterval(this.#beat);
    this.#beat = undefined;
    clearTimeout(this.#settling);
    this.#settling = undefined;
  }

  #state(): Told {
    const { view, paused } = this.desk.get();
    if (view && !view.revoked) return inCall(view) ? 'in-call' : view.callEndedAt === undefined ? 'lead' : 'wrap-up';
    if (view) return 'wrap-up';
    if (!this.#onScreen) return 'left';
    return paused ? 'paused' : 'waiting';
  }

  /** Once for what is pressed in one go. */
  #soon(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      const state = this.#state();
      if (state !== this.#told) this.#tell(state);
      if (state === 'left') this.stop();
    }, SETTLES_MS);
  }

  #tell(state: Told): void {
    this.#told = state;
    const body = { engagementId: this.desk.engagementId, state };
    // A page that goes may send what it sends at once, and nothing that it would have to wait for.
    if (state === 'left') send('/api/v1/calling/desk-state', body);
    else api.PUT('/api/v1/calling/desk-state', { body }).catch(() => undefined);
  }
}

function send(path: string, body: object): void {
  const headers = { 'content-type': 'application/json' };
  fetch(path, { method: 'PUT', keepalive: true, headers, body: JSON.stringify(body) }).catch(() => undefined);
}

let presence: { readonly of: Desk; readonly is: Presence } | undefined;

function presenceOf(desk: Desk): Presence {
  if (presence?.of !== desk) {
    presence?.is.stop();
    presence = { of: desk, is: new Presence(desk) };
  }
  return presence.is;
}

/** Says where this desk is for as long as it is shown, and after that while a lead is in hand. */
export function usePresence(desk: Desk): void {
  useEffect(() => {
    const here = presenceOf(desk);
    const back = () => here.show();
    here.show();
    addEventListener('pagehide', here.close);
    addEventListener('pageshow', back);
    return () => {
      removeEventListener('pagehide', here.close);
      removeEventListener('pageshow', back);
      here.hide();
    };
  }, [desk]);
}
