import { AccessOptions, type ServicePrincipal } from '@avtala/access';
import { canonicalJson } from '@avtala/contracts';
import type { IdempotencyClaim } from '@avtala/http';
import { Injectable } from '@nestjs/common';
import { createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { SchedulingConfig } from '../config.js';
import { LINK_PURPOSES, type LinkPurpose, type LinkScope } from '../domain/link.js';
import { LinkRefused, PageRefused } from '../domain/link-errors.js';

const HEAD_BYTES = 43; // purpose 1, engagement 16, subject 16, sequence 4, expiry 6
const MAC_BYTES = 20;
const NONCE_BYTES = 12;

/** Who holds a link that we sent to a lead: may do what the link is for, in its engagement. In the audit trail the link's subject stands for them. */
export interface LinkHolder extends ServicePrincipal {
  readonly engagementIds: readonly [string];
}

/** Signed links in mails, and the one use of each page behind them. A link is a function of what it says, so a repeated mail has the same bytes. */
@Injectable()
export class LinkTokens {
  readonly #key: KeyObject;

  constructor(
    options: AccessOptions,
    private readonly config: SchedulingConfig,
  ) {
    this.#key = createSecretKey(createHmac('sha256', options.authSecret).update('booking-links').digest());
  }

  make(scope: LinkScope): string {
    const head = Buffer.alloc(HEAD_BYTES);
    head[0] = LINK_PURPOSES.indexOf(scope.purpose);
    uuidBytes(scope.engagementId).copy(head, 1);
    uuidBytes(scope.subjectId).copy(head, 17);
    head.writeUInt32BE(scope.sequence, 33);
    head.writeUIntBE(scope.expiresAt.epochMilliseconds, 37, 6);
    return Buffer.concat([head, this.#mac('link', head)]).toString('base64url');
  }

  /** Where a link leads, for a mail. */
  url(scope: LinkScope): string {
    return new URL(`/p/${this.make(scope)}`, this.config.origin).href;
  }

  /** @throws LinkRefused link-invalid: not made here, or for something else; link-expired */
  read(token: string, purposes: readonly LinkPurpose[], now: Temporal.Instant): LinkScope {
    const bytes = bytesOf(token, HEAD_BYTES + MAC_BYTES);
    const head = bytes?.subarray(0, HEAD_BYTES);
    if (!bytes || !head || !timingSafeEqual(bytes.subarray(HEAD_BYTES), this.#mac('link', head)))
      throw new LinkRefused('link-invalid');
    const purpose = LINK_PURPOSES[head[0]!];
    if (!purpose || !purposes.includes(purpose)) throw new LinkRefused('link-invalid');
    const expiresAt = Temporal.Instant.fromEpochMilliseconds(head.readUIntBE(37, 6));
    if (Temporal.Instant.compare(expiresAt, now) <= 0) throw new LinkRefused('link-expired');
    return {
      purpose,
      engagementId: uuidText(head.subarray(1, 17)),
      subjectId: uuidText(head.subarray(17, 33)),
      sequence: head.readUInt32BE(33),
      expiresAt,
    };
  }

  /** Makes the page that is shown now good for one press. */
  page(token: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    return Buffer.concat([nonce, this.#mac(`page\0${token}`, nonce)]).toString('base64url');
  }

  /** What makes a second press of the same page a repeat of the first (libs/http). Of the words themselves a keyed hash is kept.
   * @throws PageRefused */
  claim(token: string, page: string, act: string, body: object): IdempotencyClaim {
    const bytes = bytesOf(page, NONCE_BYTES + MAC_BYTES);
    const nonce = bytes?.subarray(0, NONCE_BYTES);
    if (!bytes || !nonce || !timingSafeEqual(bytes.subarray(NONCE_BYTES), this.#mac(`page\0${token}`, nonce)))
      throw new PageRefused();
    const principal = `link:${this.#mac('bucket', Buffer.from(token)).toString('base64url')}`;
    const bodyHmac = this.#mac('body', Buffer.from(canonicalJson(body)));
    return { principal, route: `link ${act}`, key: nonce.toString('base64url'), bodyHmac };
  }

  /** A name that can be counted by and not be read back. */
  bucket(kind: 'network' | 'link' | 'shown', of: string): Buffer {
    return this.#mac('bucket', Buffer.from(`${kind}\0${of}`)).subarray(0, 16);
  }

  /** The same id for the same words of the same page. */
  idOf(claim: IdempotencyClaim): string {
    const bytes = Buffer.from(this.#mac('id', Buffer.from(`${claim.principal}\0${claim.key}`)).subarray(0, 16));
    bytes[6] = (bytes[6]! & 0x0f) | 0x80; // version 8: made of a hash (RFC 9562)
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    return uuidText(bytes);
  }

  #mac(purpose: string, bytes: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(`${purpose}\0`).update(bytes).digest().subarray(0, MAC_BYTES);
  }
}

export const holderOf = (scope: LinkScope): LinkHolder => ({
  kind: 'service',
  service: 'scheduling',
  purpose: `link-${scope.purpose}`,
  eventId: scope.subjectId,
  engagementIds: [scope.engagementId],
});

function bytesOf(token: string, length: number): Buffer | null {
  if (!/^[A-Za-z0-9_-]+$/.test(token) || token.length > 200) return null;
  const bytes = Buffer.from(token, 'base64url');
  // Said the one way there is: what base64url leaves over at the end must be nothing.
  return bytes.length === length && bytes.toString('base64url') === token ? bytes : null;
}

const uuidBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');
const uuidText = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
