// A process with a relay and a consumer, to be killed: `node --conditions=development --import run-ts.mjs counting-process.ts '<json>'`.
import 'reflect-metadata';
import { openDb, type DbUrls } from '@avtala/database';
import { SystemClock } from '@avtala/time';
import { Recorder, Script } from './recorder.js';
import { runService } from './running-service.js';

interface Orders {
  transport: 'postgres' | 'kafka';
  brokers: string[];
  topicPrefix: string;
  urls: { lead_intake: DbUrls; crm_sync: DbUrls };
}

const { urls, ...options } = JSON.parse(process.argv[2]!) as Orders;
const clock = new SystemClock();
const common = { ...options, clock, sessionMs: 1500 };
await runService({
  ...common,
  service: 'lead-intake',
  db: await openDb({ schema: 'lead_intake', urls: urls.lead_intake }),
});
await runService({
  ...common,
  service: 'crm-sync',
  db: await openDb({ schema: 'crm_sync', urls: urls.crm_sync }),
  controllers: [Recorder],
  providers: [{ provide: Script, useValue: new Script() }],
});
process.stdin.resume().on('end', () => process.exit(0)); // the test is gone: nobody is left to kill us
console.log('ready');
