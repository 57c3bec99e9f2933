/** Counts what was done, for the proof of quiet in DueState. */
export class Progress {
  #handled = 0;

  get handled(): number {
    return this.#handled;
  }

  add(n: number): void {
    this.#handled += n;
  }
}
