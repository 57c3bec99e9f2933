/** What all processes share about an account's calls of the day; an adapter asks before each call and tells what it hears. */
export interface DayBudget {
  /** @param urgent may use what is kept for the client's other apps
   * @throws DailyLimit nothing may be sent before the vendor's day is over */
  check(urgent: boolean): Promise<void>;
  /** The vendor's count, as an answer told it. */
  heard(limit: number, remaining: number): Promise<void>;
  /** The vendor refused for the day. @throws DailyLimit always */
  usedUp(cause: unknown): Promise<never>;
  /** Whether the account's time zone is still to be asked for. */
  zoneUnknown(): boolean;
  zone(timeZone: string): Promise<void>;
}
