/** One line per phase on standard error, rewritten in place on a terminal; standard output stays free for the JSON document. */
export class Progress {
  private readonly started = performance.now();
  private current = '';

  constructor(private readonly out: NodeJS.WriteStream = process.stderr) {}

  get seconds(): number {
    return Math.round((performance.now() - this.started) / 100) / 10;
  }

  /** Begins a phase: the line before it stays as it was. */
  phase(text: string): void {
    this.end();
    this.current = text;
    if (this.out.isTTY) this.out.write(`  ${text} …`);
  }

  /** Adds to the current phase's line. */
  update(detail: string): void {
    if (this.out.isTTY) this.out.write(`\r\x1b[2K  ${this.current} … ${detail}`);
  }

  /** Ends the phase with what came of it. */
  end(result = ''): void {
    if (!this.current) return;
    const line = `✓ ${this.current}${result ? `: ${result}` : ''}`;
    this.out.write(this.out.isTTY ? `\r\x1b[2K${line}\n` : `${line}\n`);
    this.current = '';
  }

  note(text: string): void {
    this.out.write(this.out.isTTY ? `\r\x1b[2K  ${text}\n` : `  ${text}\n`);
  }
}
