import { endOfSwedishDay, eraseBy } from '@avtala/time';
import { CLIENTS, seedEngagement, type Call } from '../seed.js';
import type { Client } from './client.js';
import { settle, SOURCE, type Life } from './life.js';

/** A lead of an engagement that goes on, whose key is kept: the control of everything that is counted afterwards.
 * It is told like everybody else: a lead that nobody tells within a month is erased too (B8). */
export async function keepOneLead(life: Life, startsOn: string): Promise<string> {
  const { admin, bookers, ids } = life;
  const booker = bookers[0]!;
  const { id: bookerId } = await booker.need(booker.get<{ id: string }>('/api/v1/me'), 200);
  const engagementId = await seedEngagement(callAs(admin), {
    key: 'demo-control',
    clientId: ids.clients[1]!.id,
    name: 'Mötesbokning som fortsätter',
    controller: { name: CLIENTS[1]!.name, organisationNumber: CLIENTS[1]!.organisationNumber },
    staff: [bookerId],
    startsOn,
  });
  await settle(life);
  const lead = { name: 'Kontroll Kvarsson', email: 'kvar@control.example', ...SOURCE };
  const kept = await admin.need(admin.post<{ id: string }>(`/api/v1/engagements/${engagementId}/leads`, lead), 201);
  await booker.need(booker.post('/api/v1/calling/next', { engagementId }), 200);
  await booker.need(
    booker.post(`/api/v1/leads/${kept.id}/outcomes`, { outcome: 'not-interested', informed: true }),
    201,
  );
  await settle(life);
  return kept.id;
}

/** The seed's requests, by somebody signed in; what one service made a moment ago may still be on its way to another.
 * @param tries how often, 100 ms apart */
export function callAs(client: Client, tries = 200): Call {
  return async (method, path, body, key) => {
    for (let attempt = 1; ; attempt++) {
      const answer = method === 'PUT' ? await client.put(path, body) : await client.post(path, body, key);
      if (answer.status < 300) return answer.body as never;
      if (![404, 409, 503].includes(answer.status) || attempt === tries)
        throw new Error(`${path} ${answer.status} ${JSON.stringify(answer.body)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
}

/** Both clients give notice; business time goes to the contract's end, and on to the last day on which anything may exist (A7, E1). */
export async function endAndErase(life: Life, startsOn: string, retentionMonths: number): Promise<void> {
  const { admin, sandbox, progress, killer } = life;
  const ending = (life.second ? life.ids.engagements : life.ids.engagements.slice(0, 1)).map((e) => e.id);
  progress.phase(ending.length > 1 ? 'both engagements end' : 'the engagement ends');
  // After the binding month (A1) notice is accepted at any time.
  const bound = Temporal.PlainDate.from(startsOn)
    .add({ months: 1, days: 1 })
    .toZonedDateTime({ timeZone: 'Europe/Stockholm', plainTime: '10:00' });
  if (Temporal.Instant.compare(await sandbox.now(), bound.toInstant()) < 0) await sandbox.advanceTo(bound.toInstant());
  const ends = [];
  for (const id of ending) {
    const path = `/api/v1/engagements/${id}/notice`;
    const notice = await admin.need(admin.post<{ effectiveEndAt: string }>(path), 200, 201);
    ends.push(Temporal.Instant.from(notice.effectiveEndAt));
  }
  const end = ends.toSorted(Temporal.Instant.compare).at(-1)!;
  await sandbox.advanceTo(end.add({ minutes: 1 }));
  progress.end(`at ${end.toString()}`);

  progress.phase('erasing');
  const lastDay = eraseBy(end, retentionMonths);
  const ordered = async () => {
    for (const id of ending) {
      const orders = await admin.get<{ items?: { state: string }[] }>(`/api/v1/erasures?engagementId=${id}`);
      if (orders.body.items?.some((o) => o.state === 'ordered' || o.state === 'cleared')) return true;
    }
    return false;
  };
  await killer.during(
    'erasure',
    () => sandbox.advanceTo(endOfSwedishDay(lastDay).subtract({ minutes: 1 })),
    async () => ((await ordered()) ? life.atWork() : 0),
    200,
  );
  progress.end(`until ${lastDay.toString()}`);
}
