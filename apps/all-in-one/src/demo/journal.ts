import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/** What the service acknowledged, as the client saw it. On disk before the next request goes out, so that a kill of anything
 * cannot make the client forget what it was promised. Ids and statuses only. */
export class Journal {
  private readonly fd: number;
  acknowledged = 0;

  constructor(file: string) {
    this.fd = openSync(file, 'a', 0o600);
  }

  note(entry: { method: string; path: string; status: number; id?: string }): void {
    writeSync(this.fd, `${JSON.stringify(entry)}\n`);
    fsyncSync(this.fd);
    this.acknowledged++;
  }

  close(): void {
    closeSync(this.fd);
  }
}
