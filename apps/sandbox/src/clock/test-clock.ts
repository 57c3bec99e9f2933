import { join } from 'node:path';
import { JsonFile } from '../files.js';

interface Stored {
  offsetMs: number;
  /** The moment the last PUT asked for, so that the same PUT after a kill is known for what it is. */
  target?: string;
}

/** Real time plus one stored offset that only grows (protocols.md §6). */
export class TestClock {
  private constructor(private readonly file: JsonFile<Stored>) {}

  static async open(dir: string): Promise<TestClock> {
    return new TestClock(await JsonFile.open<Stored>(join(dir, 'clock.json'), { offsetMs: 0 }));
  }

  get offsetMs(): number {
    return this.file.value.offsetMs;
  }

  get lastTarget(): string | undefined {
    return this.file.value.target;
  }

  /** @returns milliseconds since 1970 */
  now(): number {
    return Date.now() + this.offsetMs;
  }

  iso(): string {
    return new Date(this.now()).toISOString();
  }

  async aimAt(target: string): Promise<void> {
    this.file.value = { ...this.file.value, target };
    await this.file.save();
  }

  /** Stored before anybody is told, or a kill could send time back. A moment already passed changes nothing. */
  async moveTo(moment: number): Promise<void> {
    const offsetMs = Math.max(this.offsetMs, moment - Date.now());
    this.file.value = { ...this.file.value, offsetMs };
    await this.file.save();
  }
}
