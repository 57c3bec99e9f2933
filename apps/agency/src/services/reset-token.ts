import { createHmac, timingSafeEqual } from 'node:crypto';

export const RESET_MINUTES = 30;

/** What the link in the mail carries; made from the id and the installation's secret, so the table holds nothing that opens a door. */
export const resetToken = (secret: string, id: string): string => `${id}.${macOf(secret, id)}`;

/** @returns undefined for a token that we did not make */
export function idOfResetToken(secret: string, token: string): string | undefined {
  const [id = '', mac = ''] = token.split('.', 2);
  const given = Buffer.from(mac);
  const expected = Buffer.from(macOf(secret, id));
  return given.length === expected.length && timingSafeEqual(given, expected) ? id : undefined;
}

const macOf = (secret: string, id: string): string =>
  createHmac('sha256', secret).update(`password-reset\0${id}`).digest('base64url');
