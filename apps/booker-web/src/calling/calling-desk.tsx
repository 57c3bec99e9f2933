import { Drawer } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { closeAll } from '../app/shell-state.js';
import { useKeys } from '../keys/use-keys.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { BookingColumn } from './booking-column.js';
import css from './calling.module.css';
import { deskOf } from './desk.js';
import { type Outcome } from './desk-api.js';
import { CallbackPanel } from './callback-panel.js';
import { LeadCard } from './lead-card.js';
import { Problem } from './problem.js';
import { LinkPanel } from './link-panel.js';
import { NoLead } from './no-lead.js';
import { NoteCard } from './note-card.js';
import { NoticeCard } from './notice-card.js';
import { OutcomeBar } from './outcome-bar.js';
import { QueueColumn } from './queue-column.js';
import { RevokedCard } from './revoked-card.js';
import { ScriptCard } from './script-card.js';
import { SuppressLine } from './suppress-line.js';
import { DeskBar, type EngagementChoice } from './desk-bar.js';
import { useBooking } from './use-booking.js';
import { usePresence } from './presence.js';
import { useDeskLife, useDeskState, useRevocation, useScript } from './use-desk.js';
import { firstNameOf, inCall } from './view.js';
import { WrongNumberPanel } from './wrong-number-panel.js';

type Open = 'callback' | 'wrong-number' | 'suppress' | 'link' | undefined;

/** The desk: queue, lead, booking, outcomes; and all keys of the call. */
export function CallingDesk({
  engagement,
  engagements,
  change,
}: {
  readonly engagement: EngagementChoice;
  readonly engagements: readonly EngagementChoice[];
  readonly change: (id: string) => void;
}) {
  const t = useWords(calling);
  const desk = deskOf(engagement.id);
  const state = useDeskState(desk);
  const { view } = state;
  const live = view && !view.revoked ? view : undefined;
  const [open, setOpen] = useState<Open>();
  const [drawer, setDrawer] = useState(false);
  const card = useRef<HTMLElement>(null);
  const note = useRef<HTMLTextAreaElement>(null);
  const choice = useRef<HTMLButtonElement>(null);
  const booking = useBooking(engagement.id, view?.chosen?.startsAt);
  const steps = useScript(engagement.id).data?.steps.length ?? 0;
  useDeskLife(desk, state);
  usePresence(desk);
  useRevocation(desk, live?.lead.id);

  const leadId = view?.lead.id;
  const home = () => card.current?.focus({ preventScroll: true });
  useEffect(() => {
    setOpen(undefined);
    card.current?.focus({ preventScroll: true });
  }, [leadId, view?.revoked]);
  useEffect(
    () =>
      desk.onTold((told) => {
        if (told.kind === 'undone') tell(t.undone(told.view.lead.company ?? t.queue.noCompany), { seconds: 4 });
        if (told.kind === 'undo-failed') tell(t.undoFailed, { tone: 'warn' });
        if (told.kind === 'suppressed') tell(t.suppress.done(firstNameOf(told.view.lead.name)));
      }),
    [desk, t],
  );

  const openPanel = (which: Open) => {
    desk.reserve();
    setOpen(which);
  };
  const close = () => {
    setOpen(undefined);
    home();
  };
  const step = (by: number) => {
    if (live) desk.change({ step: Math.min(Math.max(live.step + by, 0), steps - 1), branch: undefined });
  };
  const press = (outcome: Outcome) => {
    if (outcome === 'callback' || outcome === 'wrong-number') openPanel(outcome);
    else if (outcome === 'objected') openPanel('suppress');
    else if (outcome !== 'booked') desk.record(outcome);
  };
  const busy = state.suppressing;
  const acts = live !== undefined && !busy;
  const choose = (digit: number) => {
    const slot = booking.shown.flatMap((d) => d.slots).find((s) => s.digit === digit);
    if (slot && booking.type) {
      home();
      const { hostId, startsAt, endsAt } = slot;
      void desk.choose({ meetingTypeId: booking.type.id, hostId, startsAt, endsAt });
    }
  };
  const keepForADay = () =>
    void desk.keepForADay().then((kept) => {
      if (kept) tell(t.kept);
    });
  const typeId = booking.type?.id;
  const mayLink = acts && live.lead.email !== undefined && typeId !== undefined;
  const phone = live?.lead.phone;
  const call = () => {
    if (!phone) return;
    document.getElementById('call-number')?.click();
  };

  // After the press: a menu closes at any key outside of it, this one too.
  const openChoice = () => setTimeout(() => choice.current?.click());

  useKeys(t.title, [
    { key: 'Space', does: t.lead.call, run: call, when: acts && phone !== undefined && !inCall(live) },
    { key: 'q', does: t.lead.hangUp, run: () => desk.endCall(), when: inCall(view) },
    { key: 'Shift+Q', does: t.lead.notConnected, run: () => desk.record('not-connected'), when: acts },
    { key: 'Enter', does: t.booking.book, run: () => desk.book(), when: acts && live.chosen !== undefined },
    { key: 'Enter', does: t.revoked.next, run: () => void desk.advance(), when: view?.revoked !== undefined },
    ...booking.shown
      .flatMap((d) => d.slots)
      .filter((s) => s.digit !== undefined)
      .map((s) => ({
        key: String(s.digit),
        does: `${t.booking.slots} ${s.digit}`,
        run: () => choose(s.digit!),
        when: acts,
      })),
    { key: 'j', does: t.booking.moreDays, run: booking.moreDays, when: acts },
    { key: 'd', does: t.booking.aDay, run: () => document.getElementById('a-day')?.focus(), when: acts },
    { key: 'b', does: t.booking.changeType, run: () => booking.changeType?.(), when: acts && booking.changeType !== undefined }, // prettier-ignore
    { key: 'l', does: t.booking.link, run: () => setOpen('link'), when: mayLink },
    { key: 'h', does: t.booking.hold, run: keepForADay, when: acts && live.chosen !== undefined },
    { key: 'a', does: t.notice.said, run: () => desk.change({ said: true }), when: acts && !live.said && live.lead.informedAt === null }, // prettier-ignore
    { key: 'ArrowLeft', does: t.script.previous, run: () => step(-1), when: acts },
    { key: 'ArrowRight', does: t.script.next, run: () => step(1), when: acts },
    { key: 't', does: `${t.note.title}: ${t.note.write}`, run: () => note.current?.focus(), when: acts },
    { key: 'Escape', does: t.note.leave, run: home, inFields: true, when: acts },
    { key: 's', does: t.bar['no-answer'], run: () => press('no-answer'), when: acts },
    { key: 'u', does: t.bar.busy, run: () => press('busy'), when: acts },
    { key: 'r', does: t.bar.callback, run: () => press('callback'), when: acts },
    { key: 'n', does: t.bar['not-interested'], run: () => press('not-interested'), when: acts },
    { key: 'o', does: t.bar['not-a-fit'], run: () => press('not-a-fit'), when: acts },
    { key: 'f', does: t.bar['wrong-number'], run: () => press('wrong-number'), when: acts },
    { key: 'x', does: t.bar.objected, run: () => press('objected'), when: acts },
    { key: 'z', does: t.queue.undo, run: () => void desk.undo(), when: state.undoable !== undefined && !busy },
    { key: 'p', does: state.paused ? t.resume : t.pause, run: () => desk.setPaused(!state.paused) },
    { key: 'c', does: t.changeEngagement, run: openChoice, when: engagements.length > 1 },
    { key: 'k', does: t.queue.open, run: () => setDrawer(true) },
  ]);

  const queue = <QueueColumn desk={desk} state={state} />;
  return (
    <div className={css.desk}>
      <h1 className="visually-hidden">{t.title}</h1>
      <DeskBar
        engagement={engagement}
        engagements={engagements}
        change={change}
        paused={state.paused}
        setPaused={(paused) => desk.setPaused(paused)}
        choice={choice}
        openQueue={() => {
          closeAll();
          setDrawer(true);
        }}
      />
      <aside className={css.queue} aria-label={t.queue.region} tabIndex={0}>
        {queue}
      </aside>
      <Drawer opened={drawer} onClose={() => setDrawer(false)} title={t.queue.open} size={300} padding={12}>
        {drawer && queue}
      </Drawer>
      <div className={css.middle}>
        {view?.revoked && (
          <RevokedCard ref={card} view={view} next={() => void desk.advance()} endCall={() => desk.endCall()} />
        )}
        {!view && <NoLead desk={desk} state={state} />}
        {live && (
          <>
            <Problem view={live} />
            <LeadCard ref={card} view={live} desk={desk} />
            <NoticeCard view={live} desk={desk} />
            <ScriptCard
              view={live}
              desk={desk}
              client={engagement.clientName}
              hostName={booking.hostName(live.chosen?.hostId)}
            >
              <NoteCard ref={note} view={live} desk={desk} />
            </ScriptCard>
          </>
        )}
      </div>
      <BookingColumn
        booking={booking}
        view={live}
        desk={desk}
        home={home}
        keepForADay={keepForADay}
        sendLink={() => setOpen('link')}
      />
      <div className={css.foot}>
        {open === 'callback' && live && (
          <CallbackPanel view={live} desk={desk} close={close} suppress={() => setOpen('suppress')} />
        )}
        {open === 'wrong-number' && live && (
          <WrongNumberPanel view={live} desk={desk} close={close} suppress={() => setOpen('suppress')} />
        )}
        {open === 'link' && live && typeId !== undefined && (
          <LinkPanel view={live} meetingTypeId={typeId} close={close} suppress={() => setOpen('suppress')} />
        )}
        {open === 'suppress' && live && (
          <SuppressLine view={live} desk={desk} busy={busy} client={engagement.clientName} close={close} />
        )}
        <OutcomeBar engagementId={engagement.id} disabled={!acts} press={press} />
      </div>
    </div>
  );
}
