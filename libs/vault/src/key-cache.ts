import type { KeyObject } from 'node:crypto';
import { MEMORY_MS } from './epochs.js';

/** Opened keys, at most `size` of them for 60 s of real time; the least recently used goes first. */
export class KeyCache {
  private readonly entries = new Map<string, { key: KeyObject; until: number }>();
  /** Counts flushes: a key read before a flush must not be put back after it. */
  generation = 0;

  constructor(private readonly size = 5000) {}

  get(name: string): KeyObject | undefined {
    const entry = this.entries.get(name);
    if (!entry) return undefined;
    this.entries.delete(name);
    if (entry.until <= Date.now()) return undefined;
    this.entries.set(name, entry); // youngest again
    return entry.key;
  }

  set(name: string, key: KeyObject, generation = this.generation): void {
    if (generation !== this.generation) return;
    this.entries.delete(name);
    this.entries.set(name, { key, until: Date.now() + MEMORY_MS });
    if (this.entries.size > this.size) this.entries.delete(this.entries.keys().next().value as string);
  }

  /** Without names: everything. */
  flush(names?: Iterable<string>): void {
    this.generation++;
    if (!names) return this.entries.clear();
    for (const name of names) this.entries.delete(name);
  }
}
