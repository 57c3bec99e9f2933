/** What an identity provider says of how a person proved who they are (OpenID Connect Core §2). */
export interface AssuranceClaims {
  readonly acr?: unknown;
  readonly amr?: unknown;
}

/** Values the operator accepts as "two factors or more": providers differ, and none is believed unasked. */
export interface AcceptedAssurance {
  readonly acr: readonly string[];
  readonly amr: readonly string[];
}

/** Whether the provider says that more than one factor was used; anything it does not say counts as one (ASVS 6.8.4). */
export function isMultiFactor(claims: AssuranceClaims, accepted: AcceptedAssurance): boolean {
  if (typeof claims.acr === 'string' && accepted.acr.includes(claims.acr)) return true;
  const methods: unknown[] = Array.isArray(claims.amr) ? claims.amr : [];
  return methods.some((method) => typeof method === 'string' && accepted.amr.includes(method));
}

/** When the person proved it, not later than now. A provider that does not say gets no fresh proof out of us.
 * @param authTime claim of the ID token, seconds since 1970 */
export function provedAt(authTime: unknown, now: Temporal.Instant): Temporal.Instant {
  if (typeof authTime !== 'number' || !Number.isSafeInteger(authTime) || authTime < 0)
    return now.subtract({ hours: 12 });
  return Temporal.Instant.fromEpochMilliseconds(Math.min(authTime * 1000, now.epochMilliseconds));
}

/** The name to greet somebody by, from a provider's claims: one line, at most 200 characters; undefined when they hold none. */
export function nameFrom(claims: {
  readonly name?: unknown;
  readonly preferred_username?: unknown;
}): string | undefined {
  for (const claim of [claims.name, claims.preferred_username]) {
    const name =
      typeof claim === 'string'
        ? claim
            .normalize('NFC')
            .replaceAll(/[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
            .trim()
        : '';
    if (name) return name.slice(0, 200);
  }
  return undefined;
}
