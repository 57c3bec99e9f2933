import { join } from 'node:path';
import { closeEpoch, countResidue, searchEverything } from './aftermath.js';
import type { DemoArgs } from './args.js';
import { Client, Traffic } from './client.js';
import { endAndErase, keepOneLead } from './ending.js';
import { checkCertificates } from './erasures.js';
import { Journal } from './journal.js';
import { Killer } from './killer.js';
import { bookMeetings, callEveryone, importFile, liveWithThem, signInAll, type Life } from './life.js';
import { countClientOwned, countLost, countOutside } from './measure.js';
import { readLeadFile } from './people.js';
import type { Progress } from './progress.js';
import { emptyReport, type Report } from './report.js';
import { setAside } from './residue.js';
import { secondClient } from './second-client.js';
import { Seeded } from './seeded.js';
import { removeMovedClusters, startWorld, type World } from './world.js';

const BOOKERS = 50;
const RETENTION_MONTHS = 3;

/** The whole life of a file of leads, and the search for what should be gone. Everything it starts it stops, by process id.
 * @param started told what runs as soon as it does, so that a signal can stop it */
export async function runDemo(
  args: DemoArgs,
  dir: string,
  progress: Progress,
  started: (world: World) => void,
): Promise<Report> {
  const report = emptyReport(args.transport, args.seed);
  const file = await readLeadFile(args.leads);

  progress.phase('starting');
  const world = await startWorld(dir, args.transport, BOOKERS);
  started(world);
  const journal = new Journal(join(dir, 'acknowledged.jsonl'));
  try {
    progress.end(`${args.transport}, ${args.kills} kills planned, seed ${args.seed}`);
    const rng = new Seeded(args.seed);
    const traffic = new Traffic();
    const anyone = new Client(world.baseUrl, journal, traffic);
    progress.phase(`signing in ${BOOKERS} bookers`);
    const { admin, bookers } = await signInAll(world.baseUrl, anyone, world.staff);
    progress.end();
    const life: Life = {
      ...{ anyone, admin, bookers, file, rng, report, progress },
      ...{ baseUrl: world.baseUrl, ids: world.ids, sandbox: world.sandbox, atWork: world.atWork, calDav: world.calDav },
      inFlight: () => traffic.inFlight,
      killer: new Killer(args.kills, rng, world.app, traffic, report, (text) => progress.note(text)),
    };

    const { mapping, clientOwned, importId } = await importFile(life);
    const called = await callEveryone(life);
    const booked = await bookMeetings(life, called);
    if (!world.calDav) progress.note('no Python 3 with venv: the second client’s calendar is Google’s stand-in, too');
    const others = await secondClient(life, mapping);
    await liveWithThem(life, booked);
    const keptId = await keepOneLead(life, world.ids.startsOn);

    const { databaseUrl, keysUrl } = world.clusters;
    await countOutside(life, databaseUrl);
    await countLost(life, called, [...booked, ...others], importId);
    const aside = await setAside(databaseUrl, keysUrl);
    await endAndErase(life, world.ids.startsOn, RETENTION_MONTHS);
    await checkCertificates(life, join(dir, 'certificates'));
    await countClientOwned(life, clientOwned);

    progress.phase('closing the key epoch');
    const kekDir = await closeEpoch(world);
    progress.end();
    progress.phase('looking for what is left of the leads');
    await countResidue(life, world, aside, keptId, kekDir);
    progress.end(
      `${report.residue.rows} rows, ${report.residue.dataKeys} keys, ${report.residue.opened} of ${aside.blobs.length - 1} still open`,
    );
    progress.phase('searching everything for every value');
    const bytes = await searchEverything(life, world, mapping, clientOwned, dir, args.keep);
    const c = report.canaries;
    progress.end(
      `${c.found} of ${c.searched} values found in ${Math.round(bytes / 1e6)} MB; ${c.plantedFound} of ${c.planted} planted ones seen`,
    );

    report.requests.acknowledged = journal.acknowledged;
    report.seconds.total = progress.seconds;
    return report;
  } finally {
    journal.close();
    await world.stop();
    await removeMovedClusters(world.clusters);
  }
}
