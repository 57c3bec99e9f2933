import { expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { onKafka, soon } from '../../../test/both-transports.js';
import { changed, newLead } from '../../../test/events.js';

onKafka('a topic', (rig) => {
  const client = () => new Kafka({ brokers: rig().brokers, logLevel: logLevel.NOTHING });

  it('may hold what is no event: it is parked with its text, and blocks nobody', async () => {
    const lead = newLead();
    const intake = await rig().start('lead-intake');
    const producer = client().producer();
    await producer.connect();
    const topic = rig().topics.of('lead-intake');
    await producer.send({
      topic,
      messages: [
        { partition: 3, key: lead, value: '{"half' },
        { partition: 3, key: null, value: null },
        { partition: 3, key: 'k', value: JSON.stringify({ specversion: '1.0', id: 9007199254740993, type: 'x' }) },
      ],
    });
    await producer.disconnect();
    await rig().start('crm-sync');
    await rig().append(intake, 'lead-intake', changed(newLead(), 1));

    await soon(async () => expect(await rig().effects()).toHaveLength(1));
    await soon(async () => expect(await rig().held()).toHaveLength(3));
    const held = await rig().database.sql(
      'SELECT key, payload, due_at::text AS due, error FROM crm_sync.held ORDER BY pos',
    );
    expect(held).toMatchObject([
      { key: lead, payload: { raw: '{"half' }, due: 'infinity', error: 'invalid:json' },
      { payload: { raw: null }, error: 'invalid:value' },
      { key: 'k', error: 'invalid:id' },
    ]);
  });

  it('holds every event once, as a CloudEvent, when two relays stand ready', async () => {
    const intake = await rig().start('lead-intake');
    await rig().start('lead-intake');
    const leads = Array.from({ length: 100 }, newLead);
    for (const lead of leads) await rig().append(intake, 'lead-intake', changed(lead, 1));
    await soon(async () => expect(await rig().database.sql('SELECT FROM lead_intake.outbox')).toEqual([]));

    const topic = rig().topics.of('lead-intake');
    const seen: { subject: string; type: string; time: string; data: object }[] = [];
    const consumer = client().consumer({ groupId: `${topic}.reader` });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void seen.push(JSON.parse(String(message.value))) });
    await soon(async () => expect(seen.length).toBeGreaterThanOrEqual(100));
    await consumer.disconnect();
    expect(seen.map((e) => e.subject).sort()).toEqual([...leads].sort());
    expect(seen[0]).toMatchObject({
      specversion: '1.0',
      source: '/avtala/lead-intake',
      type: 'lead.changed.v1',
      time: '2027-03-01T09:00:00+00:00',
    });
  });
});
