import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { perSecond } from './clients.js';
import { leadBody } from './lead-file.js';

/** A round of posting, told over IPC. */
export interface PostRound {
  readonly url: string;
  readonly cookie: string;
  readonly clients: number;
  readonly seconds: number;
}

export interface PostedRound {
  readonly rate: number;
  /** Of each request, ms. */
  readonly waits: number[];
}

/** As a supplier's system sends leads: one POST each, over connections kept open. A process of its own, as pgbench is one beside the database. */
let next = 0;
const agent = new Agent({ keepAlive: true });

process.on('message', (round: PostRound) => {
  posted(round).then(
    (answer) => process.send!(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());

async function posted({ url, cookie, clients, seconds }: PostRound): Promise<PostedRound> {
  const to = new URL(url);
  const waits: number[] = [];
  const rate = await perSecond(clients, seconds, async () => {
    const began = performance.now();
    const status = await post(to, cookie, JSON.stringify(leadBody(next++)));
    waits.push(performance.now() - began);
    if (status !== 201) throw new Error(`A lead was answered with ${status}`);
  });
  return { rate, waits };
}

function post(to: URL, cookie: string, body: string): Promise<number> {
  const headers = {
    cookie,
    origin: to.origin,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'idempotency-key': randomUUID(),
  };
  const { hostname, port, pathname: path } = to;
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode!));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
