import { useQuery } from '@tanstack/react-query';
import { useMe } from '../../app/session.js';
import { Section } from '../../ui/section.js';
import { Failed, Loading } from '../../ui/states.js';
import { Badge, StatusBadge } from '../../ui/status-badge.js';
import { CopyableId } from '../../ui/copyable-id.js';
import { TimeText } from '../../ui/time-text.js';
import { CRM_NAMES } from '../../words/crm-names.js';
import { list, number } from '../../words/formats.js';
import { useLanguage, useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import type { Lead } from '../leads-api.js';
import { bookingsOfLead, type Booking, type Order, type Push, pushesOfLead } from './lead-data.js';
import css from './lead.module.css';
import { ReceiptsOf } from './receipts.js';

/** Bookings and pushes of the lead, asked once for the recipients and the events beside each other. Ids and states: nobody is read. */
export function useTraces(engagementId: string, leadId: string) {
  const { role } = useMe();
  const sees = role !== 'booker';
  const bookings = useQuery({
    queryKey: ['lead', leadId, 'bookings'],
    queryFn: () => bookingsOfLead(engagementId, leadId),
  });
  const pushes = useQuery({
    queryKey: ['lead', leadId, 'pushes'],
    queryFn: () => pushesOfLead(engagementId, leadId),
    enabled: sees,
  });
  return { bookings, pushes, sees };
}

/** Where the lead's data is: ours, the client's CRM field by field, the host's calendar; and what each has answered to an order. */
export function RecipientsCard({ lead, order }: { readonly lead: Lead; readonly order: Order | null }) {
  const t = useWords(words);
  const { bookings, pushes, sees } = useTraces(lead.engagementId, lead.id);
  const failed = [bookings, pushes].find((q) => q.isError);
  const meetings = bookings.data?.items ?? [];
  const contacts = (pushes.data?.items ?? []).filter((p) => p.recordId !== null || p.object === 'contact');
  return (
    <Section title={t.recipients} aside={t.recipientsLaw} flush>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t.recipient}</th>
            <th scope="col">{t.has}</th>
            <th scope="col">{t.receipt}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">
              {t.database} <span className={css.faint}>{t.own}</span>
            </th>
            <td>{t.data}</td>
            <td>
              <Badge tone="ok">{t.encrypted}</Badge>
            </td>
          </tr>
          {contacts.map((p) => (
            <PushRow key={p.id} push={p} />
          ))}
          {meetings.map((b) => (
            <MeetingRow key={b.id} booking={b} />
          ))}
        </tbody>
      </table>
      {(bookings.isPending || (sees && pushes.isPending)) && <Loading rows={2} />}
      {failed && (
        <div className={css.facts}>
          <Failed what={t.recipientsAway} error={failed.error} retry={() => void failed.refetch()} />
        </div>
      )}
      {order && <ReceiptsOf order={order} />}
    </Section>
  );
}

function PushRow({ push }: { readonly push: Push }) {
  const t = useWords(words);
  const language = useLanguage();
  const n = push.fields.length;
  const count = n === 1 ? t.crmField : t.crmFields(number(language, n));
  return (
    <tr>
      <th scope="row">
        {CRM_NAMES[push.kind]}{' '}
        <span className={css.faint}>{push.object === 'meeting' ? t.events.meeting : t.clients}</span>
      </th>
      <td>
        {n ? <span title={list(language, push.fields)}>{count}</span> : <span className={css.faint}>–</span>}
        {push.recordId && (
          <>
            {' '}
            <CopyableId id={push.recordId} short />
          </>
        )}
      </td>
      <td>
        <StatusBadge thing="sync" state={push.state} /> <TimeText at={push.at} shape="short" />
      </td>
    </tr>
  );
}

function MeetingRow({ booking }: { readonly booking: Booking }) {
  const t = useWords(words);
  const state = booking.calendar?.state as keyof typeof t.inCalendar | undefined;
  const tone = state === 'failed' ? 'err' : state === 'writing' ? 'wait' : state === 'written' ? 'ok' : 'grey';
  return (
    <tr>
      <th scope="row">
        {t.calendar} <span className={css.faint}>{t.clients}</span>
      </th>
      <td>
        {t.meeting} <TimeText at={booking.startsAt} shape="short" />
      </td>
      <td>{state && t.inCalendar[state] ? <Badge tone={tone}>{t.inCalendar[state]}</Badge> : '–'}</td>
    </tr>
  );
}
