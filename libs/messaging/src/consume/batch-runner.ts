import type { Db, Statement } from '@avtala/database';
import { log } from '@avtala/observability';
import type { EntityManager } from 'typeorm';
import type { Progress } from '../progress.js';
import { judge } from '../retry.js';
import { nudge } from './held.js';
import type { Mode } from './lane.js';
import type { BatchResult } from './process-batch.js';

/**
 * Runs a batch in one transaction, and after a failure once more with its events apart. What follows a commit is here too:
 * events that waited for these keys are made due.
 */
export class BatchRunner {
  constructor(
    private readonly db: Db,
    private readonly group: string,
    private readonly progress: Progress,
    private readonly wakeHeld: () => void,
  ) {}

  /**
   * @param claim the statement that locks the lane and may read it: sent together with BEGIN
   * @param work gets their rows, processes and moves the position, all in `tx`; undefined when there is nothing to do
   * @throws what is not the events' fault: the caller waits and runs it again
   */
  async run(
    claim: (mode: Mode) => Statement,
    work: (tx: EntityManager, mode: Mode, claimed: object[]) => Promise<BatchResult | undefined>,
  ): Promise<BatchResult | undefined> {
    const inMode = (mode: Mode) => this.db.pipelined('app', [claim(mode)], (tx, [claimed]) => work(tx, mode, claimed!));
    let result: BatchResult | undefined;
    try {
      result = await inMode('together');
    } catch (error) {
      const verdict = judge(error);
      if (verdict.what === 'transient') throw error;
      log.info('batch.apart', { service: this.group, code: verdict.code });
      result = await inMode('apart');
    }
    if (result) await this.#after(result);
    return result;
  }

  async #after({ handled, keys, someWait }: BatchResult): Promise<void> {
    this.progress.add(handled);
    if (!someWait || !keys.length) return;
    const due = await this.db.asWorker((tx) => nudge(tx, this.group, [...new Set(keys)]));
    if (due > 0) this.wakeHeld();
  }
}
