/** The token stands behind `#`: browsers do not send that part, so it is in no server's log (ASVS 14.2.1). */
export function invitationLink(config: { readonly AVTALA_ORIGIN?: string }, token: string): string {
  return `${config.AVTALA_ORIGIN ?? ''}/invitation#${token}`;
}
