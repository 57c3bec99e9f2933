export type ReadinessReport = { ready: boolean; checks: Record<string, 'ok' | 'failed'> };

/** What /health/ready asks: named checks, each with a deadline, all at once. */
export class Readiness {
  readonly #checks = new Map<string, () => Promise<unknown>>();

  constructor(private readonly deadlineMs = 2_000) {}

  add(name: string, check: () => Promise<unknown>): void {
    this.#checks.set(name, check);
  }

  async report(): Promise<ReadinessReport> {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, check]) => [name, (await this.#passes(check)) ? 'ok' : 'failed'] as const),
    );
    return { ready: results.every(([, state]) => state === 'ok'), checks: Object.fromEntries(results) };
  }

  async #passes(check: () => Promise<unknown>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), this.deadlineMs);
    });
    try {
      return await Promise.race([check().then(() => true), deadline]);
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
