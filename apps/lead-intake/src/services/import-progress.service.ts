import { scopeOfCaller, type KeyPrincipal, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { viewImport, type ImportView } from '../storage/import-state.js';

const EVERY_MS = 500;

export interface Progress {
  /** Changes when anything else does: a listener that comes back says which it has. */
  version: string;
  view: ImportView;
  /** Nothing more will change. */
  over: boolean;
}

/** How far an import is, read from its row: whichever process works on it. */
@Injectable()
export class ImportProgress {
  constructor(@Inject(Db) private readonly db: Db) {}

  /** @throws Missing also for a key that did not bring it in */
  async read(caller: Principal | KeyPrincipal, id: string): Promise<Progress> {
    const view = await this.db.withScope(scopeOfCaller(caller), (tx) => viewImport(tx, id));
    if (!view || (caller.kind === 'key' && view.created_by !== caller.keyId)) throw new Missing('import');
    const { state, accepted, merged, refused } = view;
    return {
      version: `${state}.${accepted}.${merged}.${refused}`,
      view,
      over: state === 'done' || state === 'failed',
    };
  }

  /** Each change until it is over or the listener leaves. @param known the version the listener has; it is not told again */
  async *changes(
    caller: Principal | KeyPrincipal,
    id: string,
    known: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Progress> {
    for (let told = known; !signal.aborted;) {
      const progress = await this.read(caller, id);
      if (progress.version !== told) yield progress;
      if (progress.over) return;
      told = progress.version;
      await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
