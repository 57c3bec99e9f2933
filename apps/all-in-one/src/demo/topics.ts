import { Kafka, logLevel } from 'kafkajs';

/** Every message of every topic, keys and values, read through a consumer as anybody with access could. */
export async function* allMessages(brokers: string): AsyncGenerator<Buffer> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((t) => !t.startsWith('__'));
  const ends = new Map<string, bigint>();
  for (const topic of topics) {
    for (const o of await admin.fetchTopicOffsets(topic)) {
      if (BigInt(o.high) > BigInt(o.low)) ends.set(`${topic}/${o.partition}`, BigInt(o.high) - 1n);
    }
  }
  await admin.disconnect();
  if (ends.size === 0) return;
  const consumer = kafka.consumer({ groupId: `search-${process.pid}-${Date.now()}` });
  const read: Buffer[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
    void consumer.run({
      eachMessage: async ({ topic, partition, message }) => {
        if (message.key) read.push(message.key);
        if (message.value) read.push(message.value);
        const last = ends.get(`${topic}/${partition}`);
        if (last !== undefined && BigInt(message.offset) >= last) ends.delete(`${topic}/${partition}`);
        if (ends.size === 0) resolve();
      },
    });
  });
  await consumer.disconnect();
  yield* read;
}
