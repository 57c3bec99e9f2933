/** Thrown by a handler that needs something it has not seen: the order across topics is open (style.md §4).
 * The event waits in `held`, and with it only its key; it is tried again when another event of the key or engagement
 * commits here, else with a backoff of at most 60 s, and is parked 15 minutes (real time) after its first try.
 * @param missing what is missed, as a code: `engagement`, `case` */
export class NotYet extends Error {
  override readonly name = 'NotYet';
  readonly code: string;
  constructor(missing: string, options?: ErrorOptions) {
    super(`Not yet: ${missing}`, options);
    this.code = `not-yet:${missing}`;
  }
}
