import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { Kafka, logLevel } from 'kafkajs';

/** Values put on purpose into each kind of place, each in another form: a search that overlooks one of them proves nothing. */
export async function plant(places: {
  databaseUrl: string;
  keysUrl: string;
  sandboxDir: string;
  logDir: string;
  brokers?: string;
}): Promise<string[]> {
  const values = [
    'Planterad Ärlig-Kanin',
    'planterad.nyckel@search.example',
    'Planterad Komprimerad Öhman',
    'Planterad I Sandlådan',
    'Planterad Loggrad Åberg',
  ];
  await inTable(places.databaseUrl, `${values[0]} i klartext`);
  await inTable(places.keysUrl, Buffer.from(values[1]!).toString('base64'));
  // 4 kB of the same letter around it: PostgreSQL compresses the row, so no file shows it (protocols.md §10).
  await inTable(places.databaseUrl, JSON.stringify({ pad: 'x'.repeat(4096), name: values[2] }));
  await mkdir(places.sandboxDir, { recursive: true });
  await writeFile(join(places.sandboxDir, 'planted.bin'), Buffer.from(values[3]!, 'utf16le'));
  await appendFile(join(places.logDir, 'planted.log'), `GET /?q=${encodeURIComponent(values[4]!)}\n`);
  if (places.brokers) {
    const value = 'Planterad I Ämnet Kafka';
    await inTopic(places.brokers, value);
    values.push(value);
  }
  return values;
}

async function inTable(url: string, text: string): Promise<void> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await db.query('create table if not exists public.planted (note jsonb)');
    await db.query('insert into public.planted values (to_jsonb($1::text))', [text]);
  } finally {
    await db.end();
  }
}

async function inTopic(brokers: string, value: string): Promise<void> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'planted', numPartitions: 1 }] });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: 'planted', messages: [{ value: Buffer.from(value).toString('hex') }] });
  await producer.disconnect();
}
