import { noteProblem } from '@avtala/screening';
import { idempotencyKey } from '../app/api.js';
import { codeOf, deskApi, type Lead, mayComeLater, type Outcome, type OutcomeBody } from './desk-api.js';
import { type Chosen, firstNameOf, type Revoked, type View, viewOf } from './view.js';

/** An outcome on its way. `waiting`: the server gave no answer yet, or the session is over; it is sent again until there is one. */
export interface Write {
  readonly id: number;
  readonly company: string | undefined;
  readonly outcome: Outcome;
  readonly state: 'saving' | 'waiting';
}

/** The last outcome saved, while it may be taken back. */
export interface Undoable {
  readonly activityId: string;
  readonly bookingId: string | undefined;
  readonly view: View;
  /** By `performance.now()`. */
  readonly until: number;
}

export interface DeskState {
  readonly phase: 'loading' | 'lead' | 'empty' | 'paused' | 'failed';
  readonly view: View | undefined;
  /** Handed out and set aside while another one came back. */
  readonly aside: readonly View[];
  readonly writes: readonly Write[];
  readonly undoable: Undoable | undefined;
  readonly undoing: boolean;
  readonly suppressing: boolean;
  readonly paused: boolean;
}

type Told =
  { kind: 'shown' | 'saved' | 'undone' | 'undo-failed' | 'suppressed'; view: View } | { kind: 'slots-changed' };

const UNDO_MS = 10_000;
const AGAIN_MS = 2_000;
const FOLLOWS_MS = 250;
/** A chosen time is kept this long while booker and lead agree; H keeps it for a day. */
const KEEP_MINUTES = 5;
const DAY_MINUTES = 1440;

/** The desk of one booker in one engagement: the lead on the screen, and what was pressed. An outcome is sent while the next lead is asked for;
 * one that is refused brings its lead back. It outlives the screen, so that a note survives a look at another page. */
export class Desk {
  #state: DeskState = {
    phase: 'loading',
    view: undefined,
    aside: [],
    writes: [],
    undoable: undefined,
    undoing: false,
    suppressing: false,
    paused: false,
  };
  #heard = new Set<() => void>();
  #told = new Set<(told: Told) => void>();
  #lastWrite = 0;
  #started = false;

  constructor(readonly engagementId: string) {}

  readonly get = (): DeskState => this.#state;
  readonly subscribe = (listener: () => void) => {
    this.#heard.add(listener);
    return () => void this.#heard.delete(listener);
  };
  readonly onTold = (listener: (told: Told) => void) => {
    this.#told.add(listener);
    return () => void this.#told.delete(listener);
  };

  #set(change: Partial<DeskState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#heard) listener();
  }

  #tell(told: Told): void {
    for (const listener of this.#told) listener(told);
  }

  /** Changes the lead on the screen, if it still is that one. */
  change(change: Partial<View>, id = this.#state.view?.lead.id): void {
    const { view } = this.#state;
    if (view && view.lead.id === id) this.#set({ view: { ...view, ...change } });
  }

  /** The lead in hand, else the next one. Once. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    try {
      const lead = await deskApi.current(this.engagementId);
      if (lead) return this.#show(viewOf(lead));
    } catch {
      return this.#set({ phase: 'failed' });
    }
    await this.advance();
  }

  #show(view: View): void {
    this.#set({ phase: 'lead', view });
    this.#tell({ kind: 'shown', view });
  }

  /** The next lead. Whoever was on the screen is gone before the question is sent: never a wrong one under the next key. */
  async advance(): Promise<void> {
    if (this.#state.paused) return this.#set({ phase: 'paused', view: undefined });
    const [back, ...aside] = this.#state.aside;
    if (back) return this.#set({ phase: 'lead', view: back, aside });
    this.#set({ phase: 'loading', view: undefined });
    try {
      const lead = await deskApi.next(this.engagementId, idempotencyKey());
      if (lead) this.#show(viewOf(lead));
      else this.#set({ phase: 'empty' });
    } catch {
      this.#set({ phase: 'failed' });
    }
  }

  /** Asks for the next lead first and lets what was pressed follow, a quarter of a second later at most: the booker waits for the one only. */
  #advanceFirst(): Promise<unknown> {
    return Promise.race([this.advance(), new Promise((resolve) => setTimeout(resolve, FOLLOWS_MS))]);
  }

  /** Has the next lead made ready: when a call ends, a time is chosen, or an outcome's choices open. */
  reserve(): void {
    if (this.#state.aside.length || this.#state.paused) return;
    deskApi.reserve(this.engagementId).catch(() => undefined); // without it the next lead only takes a little longer
  }

  setPaused(paused: boolean): void {
    this.#set({ paused });
    if (!paused && !this.#state.view) void this.advance();
    else if (paused && this.#state.phase === 'empty') this.#set({ phase: 'paused' });
  }

  startCall(): void {
    this.change({ callStartedAt: performance.now(), callEndedAt: undefined });
  }

  endCall(): void {
    this.change({ callEndedAt: performance.now() });
    this.reserve();
  }

  /** @returns false when the note stops it: nothing was sent */
  record(outcome: Exclude<Outcome, 'objected' | 'booked'>, more: Partial<OutcomeBody> = {}): boolean {
    const { view } = this.#state;
    if (!view || view.revoked || this.#noteStops(view)) return false;
    this.#release(view.chosen);
    const shown = this.#advanceFirst();
    void this.#send(view, outcome, async (key) => {
      await shown;
      return deskApi.record(view.lead.id, key, bodyOf(view, outcome, more));
    });
    return true;
  }

  /** One press: the meeting, its outcome, the next lead. The lead comes back if the time was lost. */
  book(): void {
    const { view } = this.#state;
    if (!view?.chosen || view.revoked || this.#noteStops(view)) return;
    const { meetingTypeId, hostId, startsAt } = view.chosen;
    const bookingKey = idempotencyKey();
    let bookingId: string | undefined;
    const shown = this.#advanceFirst();
    void this.#send(
      view,
      'booked',
      async (key) => {
        await shown;
        bookingId ??= (await deskApi.book(bookingKey, { meetingTypeId, hostId, startsAt, leadId: view.lead.id })).id;
        return deskApi.record(view.lead.id, key, bodyOf(view, 'booked', { bookingId }));
      },
      () => bookingId,
    );
  }

  /** A "no" is heard before anything else happens: the screen waits until it is saved. */
  async suppress(scope: 'all' | 'client'): Promise<void> {
    const { view } = this.#state;
    if (!view || this.#state.suppressing) return;
    this.#set({ suppressing: true });
    this.#release(view.chosen);
    const note = noteProblem(view.note) ? '' : view.note; // what may not be kept does not stop a no
    const key = idempotencyKey();
    try {
      const act = () => deskApi.record(view.lead.id, key, bodyOf({ ...view, note }, 'objected', { scope }));
      await this.#until(act, () => undefined);
    } catch (error) {
      if (codeOf(error) !== 'not-found' || !(await this.#suppressGone(view, scope))) {
        this.#set({ suppressing: false });
        this.change({ problem: codeOf(error) }, view.lead.id);
        return;
      }
    }
    this.#set({ suppressing: false, undoable: undefined });
    this.#tell({ kind: 'suppressed', view });
    if (this.#state.view?.lead.id === view.lead.id) await this.advance();
  }

  /** The person was erased meanwhile, and with them what a no is kept by: their address or number, still on the screen, is suppressed instead. A no towards one
   * client needs none: whoever is erased is not in that client's hands. @returns whether it was heard */
  async #suppressGone({ lead }: View, scope: 'all' | 'client'): Promise<boolean> {
    const said = lead.email ? { email: lead.email } : lead.phone ? { phone: lead.phone } : undefined;
    if (!said || scope === 'client') return true;
    const key = idempotencyKey();
    const act = () => deskApi.suppress(key, said);
    return this.#until(act, () => undefined).then(
      () => true,
      () => false,
    );
  }

  /** Takes the last outcome back, and the meeting with it: the lead is on the screen again. */
  async undo(): Promise<void> {
    const { undoable } = this.#state;
    if (!undoable || this.#state.undoing) return;
    this.#set({ undoing: true });
    const { activityId, bookingId, view } = undoable;
    const [key, cancelKey] = [idempotencyKey(), idempotencyKey()];
    try {
      await this.#until(
        () => deskApi.undo(activityId, key),
        () => undefined,
      );
      if (bookingId)
        await this.#until(
          () => deskApi.cancel(bookingId, cancelKey),
          () => undefined,
        );
      const lead = await deskApi.current(this.engagementId); // shown again, and written down again
      const back = lead?.id === view.lead.id ? { ...view, lead } : view;
      this.#comeBack({ ...back, chosen: undefined, problem: undefined });
      this.#tell({ kind: 'undone', view });
      if (bookingId) this.#tell({ kind: 'slots-changed' });
    } catch {
      this.#tell({ kind: 'undo-failed', view });
    }
    this.#set({ undoing: false, undoable: undefined });
  }

  /** The person objected or was set aside elsewhere: nothing of them stays on the screen. */
  revoke(id: string, why: Revoked): void {
    const { view } = this.#state;
    if (!view || view.lead.id !== id || view.revoked || this.#state.suppressing) return;
    const { engagementId, timeZone } = view.lead;
    const name = firstNameOf(view.lead.name);
    const blank = { id, name, engagementId, timeZone } as Lead;
    this.#set({
      view: { ...viewOf(blank), revoked: why, callStartedAt: view.callStartedAt, callEndedAt: view.callEndedAt },
    });
  }

  /** Chooses a time and has it kept; who was faster has it, and the screen says so. */
  async choose(chosen: Chosen, minutes = KEEP_MINUTES): Promise<boolean> {
    const { view } = this.#state;
    if (!view || view.revoked) return false;
    const { id } = view.lead;
    this.change({ chosen, lost: undefined, problem: undefined });
    this.reserve();
    const { meetingTypeId, hostId, startsAt } = chosen;
    const isStill = () => this.#state.view?.lead.id === id && this.#state.view.chosen?.startsAt === startsAt;
    try {
      const kept = await deskApi.keep(idempotencyKey(), { meetingTypeId, hostId, startsAt, leadId: id, forMinutes: minutes }); // prettier-ignore
      if (isStill()) {
        this.change({
          chosen: { ...chosen, kept: { id: kept.id, until: kept.keptUntil, day: minutes === DAY_MINUTES } },
        });
        return true;
      }
    } catch (error) {
      if (mayComeLater(error)) return false; // not kept, but it may still be booked
      if (isStill())
        this.change(
          codeOf(error) === 'slot-taken'
            ? { chosen: undefined, lost: startsAt }
            : { chosen: undefined, problem: codeOf(error) },
        );
      this.#tell({ kind: 'slots-changed' });
    }
    return false;
  }

  keepForADay(): Promise<boolean> {
    const { chosen } = this.#state.view ?? {};
    return chosen ? this.choose(chosen, DAY_MINUTES) : Promise.resolve(false);
  }

  #release(chosen: Chosen | undefined): void {
    if (!chosen?.kept || chosen.kept.day) return;
    deskApi.release(chosen.kept.id).then(
      () => this.#tell({ kind: 'slots-changed' }),
      () => undefined, // it ends by itself within five minutes
    );
  }

  #noteStops(view: View): boolean {
    if (!noteProblem(view.note)) return false;
    this.change({ problem: 'note-stops' });
    return true;
  }

  async #send(
    view: View,
    outcome: Outcome,
    act: (key: string) => Promise<{ id: string }>,
    bookingOf: () => string | undefined = () => undefined,
  ): Promise<void> {
    const id = ++this.#lastWrite;
    const key = idempotencyKey();
    const write: Write = { id, company: view.lead.company, outcome, state: 'saving' };
    this.#set({ writes: [...this.#state.writes, write], undoable: undefined });
    const mark = (state: Write['state']) =>
      this.#set({ writes: this.#state.writes.map((w) => (w.id === id ? { ...w, state } : w)) });
    const done = () => this.#set({ writes: this.#state.writes.filter((w) => w.id !== id) });
    try {
      const saved = await this.#until(
        () => act(key),
        () => mark('waiting'),
      );
      done();
      // Only the very last press can be taken back by Z.
      if (id === this.#lastWrite) {
        const until = performance.now() + UNDO_MS;
        this.#set({ undoable: { activityId: saved.id, bookingId: bookingOf(), view, until } });
        setTimeout(() => this.#state.undoable?.until === until && this.#set({ undoable: undefined }), UNDO_MS);
      }
      this.#tell({ kind: 'saved', view });
    } catch (error) {
      done();
      const code = codeOf(error);
      if (code === 'not-found') return; // erased meanwhile: there is nobody to come back
      this.#comeBack({ ...view, chosen: undefined, problem: code });
      if (outcome === 'booked') this.#tell({ kind: 'slots-changed' });
    }
  }

  #comeBack(view: View): void {
    const { view: here, aside } = this.#state;
    this.#set({ phase: 'lead', view, aside: here ? [here, ...aside] : aside });
  }

  /** Sends an act until it is answered. */
  async #until<T>(act: () => Promise<T>, waiting: () => void): Promise<T> {
    for (;;) {
      try {
        return await act();
      } catch (error) {
        if (!mayComeLater(error)) throw error;
        waiting();
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }
}

function bodyOf(view: View, outcome: Outcome, more: Partial<OutcomeBody>): OutcomeBody {
  const note = view.note.trim();
  return { outcome, informed: view.said, ...(note ? { note } : {}), ...more };
}

let desk: Desk | undefined;

/** The one desk of this page; another engagement gets a new one. */
export function deskOf(engagementId: string): Desk {
  if (desk?.engagementId !== engagementId) desk = new Desk(engagementId);
  return desk;
}
