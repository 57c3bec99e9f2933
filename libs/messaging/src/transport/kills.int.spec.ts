import { scopeOf } from '@avtala/database';
import { expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onBothTransports, soon, type Rig } from '../../test/both-transports.js';
import { changed, ENGAGEMENT, newLead } from '../../test/events.js';
import { Bell } from '../bell.js';
import { Outbox } from '../outbox/outbox.js';

const path = (name: string) => fileURLToPath(new URL(`../../test/${name}`, import.meta.url));

/** A process with relay and consumer; killed as `kill -9` does it. */
class Victim {
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;

  constructor(rig: Rig) {
    const orders = {
      transport: rig.transport,
      brokers: rig.brokers,
      topicPrefix: rig.topics.prefix,
      urls: { lead_intake: rig.database.urls('lead_intake'), crm_sync: rig.database.urls('crm_sync') },
    };
    const args = ['--conditions=development', '--import', path('run-ts.mjs'), path('counting-process.ts')];
    this.#child = spawn(process.execPath, [...args, JSON.stringify(orders)], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#gone = new Promise((done) => this.#child.once('exit', () => done()));
    this.ready = new Promise((done) =>
      this.#child.stdout!.on('data', (d: Buffer) => String(d).includes('ready') && done()),
    );
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }
}

onBothTransports('processes that are killed at any moment', (rig) => {
  it('lose nothing, do nothing twice and nothing out of order', async () => {
    const kills = rig().transport === 'postgres' ? 10 : 4; // a group that lost a member takes seconds to go on
    const leads = Array.from({ length: 40 }, newLead);
    const told = new Map(leads.map((lead) => [lead, 0]));
    const outbox = new Outbox('lead-intake', rig().clock, new Bell());

    let killing = true;
    const telling = (async () => {
      while (killing) {
        await rig()
          .db('lead-intake')
          .withScope(scopeOf(ENGAGEMENT), async (tx) => {
            for (let i = 0; i < 5; i++) {
              const lead = leads[Math.floor(Math.random() * leads.length)]!;
              const n = told.get(lead)! + 1;
              told.set(lead, n);
              await outbox.append(tx, changed(lead, n));
            }
          });
        await delay(4);
      }
    })();

    let victims = [new Victim(rig()), new Victim(rig())];
    for (let kill = 0; kill < kills; kill++) {
      const [first, second] = victims;
      await first!.ready;
      const before = (await rig().effects()).length;
      await soon(async () => expect((await rig().effects()).length).toBeGreaterThan(before));
      await delay(Math.random() * 400); // in the middle of whatever it does
      await first!.kill();
      victims = [second!, new Victim(rig())];
    }
    killing = false;
    await telling;

    const total = [...told.values()].reduce((a, b) => a + b, 0);
    try {
      await soon(async () => expect((await rig().effects()).length).toBeGreaterThanOrEqual(total));
      const effects = await rig().effects();
      const byLead = new Map(leads.map((lead) => [lead, [] as number[]]));
      for (const { key, n } of effects) byLead.get(key)!.push(n);
      const inversions = [...byLead.values()].flatMap((ns) => ns.filter((n, i) => i > 0 && n <= ns[i - 1]!)).length;
      const distinct = new Set(effects.map((e) => `${e.key}/${e.n}`)).size;
      expect({ lost: total - distinct, double: effects.length - distinct, inversions }).toEqual({
        lost: 0,
        double: 0,
        inversions: 0,
      });
    } finally {
      await Promise.all(victims.map((v) => v.kill()));
    }
  });
});
