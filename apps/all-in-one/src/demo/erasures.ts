import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Life } from './life.js';

interface Order {
  id: string;
  state: 'ordered' | 'cleared' | 'completed' | 'incomplete';
  leads: number;
  incomplete: string[];
}

const VERIFY = fileURLToPath(new URL('../../../retention/dist/verify-certificate.js', import.meta.url));

/** Fetches each order's certificate and has it verified offline, by the program anybody can run. */
export async function checkCertificates(life: Life, dir: string): Promise<void> {
  const { admin, report, progress } = life;
  progress.phase('orders and certificates');
  await mkdir(dir, { recursive: true });
  const ordersOf = async (engagementId: string) =>
    (await admin.need(admin.get<{ items: Order[] }>(`/api/v1/erasures?engagementId=${engagementId}`), 200)).items;
  const [first, second] = life.ids.engagements;
  const own = await ordersOf(first!.id);
  const others = life.second ? await ordersOf(second!.id) : [];
  const leadsIn = (orders: readonly Order[]) => orders.reduce((sum, o) => sum + o.leads, 0);
  report.erasure.leads = leadsIn(own);
  report.secondClient.erased = leadsIn(others);
  report.erasure.orders = own.length + others.length;
  for (const order of [...own, ...others]) {
    if (order.state !== 'completed') {
      report.erasure.incomplete++;
      progress.note(
        `order ${order.id} is ${order.state}${order.incomplete.length ? `: ${order.incomplete.join(', ')}` : ''}`,
      );
    }
    const answer = await admin.get<Record<string, unknown>>(`/api/v1/erasures/${order.id}/certificate`);
    if (answer.status !== 200) continue;
    report.erasure.certificates++;
    const file = join(dir, `${order.id}.json`);
    await writeFile(file, JSON.stringify(answer.body));
    const valid = await promisify(execFile)(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      VERIFY,
      file,
    ]).then(
      () => true,
      () => false,
    );
    if (valid) report.erasure.certificatesValid++;
  }
  progress.end(
    `${report.erasure.orders} orders, ${report.erasure.leads + report.secondClient.erased} leads, ${report.erasure.certificatesValid} valid certificates`,
  );
}
