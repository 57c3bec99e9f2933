import { AccessOptions } from '@avtala/access';
import { Inject, Injectable } from '@nestjs/common';
import { createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { FormTokenRefused } from '../domain/form-errors.js';

/** Real time: a person needs a few seconds to fill a form in, a program none. */
const SOONEST_MS = 3_000;
const LATEST_MS = 2 * 3_600_000;
const MAC_BYTES = 32;
const NONCE_BYTES = 12;

/** What a confirmation link opens: one submission of one form, until then. */
export interface ConfirmationScope {
  formId: string;
  submissionId: string;
  expiresAt: Temporal.Instant;
}

/** Signed tokens of the public forms. Each kind has a name of its own under the MAC: none stands for another. */
@Injectable()
export class FormTokens {
  private readonly key: KeyObject;

  constructor(@Inject(AccessOptions) options: AccessOptions) {
    this.key = createSecretKey(createHmac('sha256', options.authSecret).update('web-forms').digest());
  }

  /** A proof of when the form was fetched. */
  timeToken(formId: string, nowMs = Date.now()): string {
    const head = Buffer.alloc(6 + NONCE_BYTES);
    head.writeUIntBE(nowMs, 0, 6);
    randomBytes(NONCE_BYTES).copy(head, 6);
    return Buffer.concat([head, this.mac(`time\0${formId}`, head)]).toString('base64url');
  }

  /** @returns what makes it good once @throws FormTokenRefused */
  checkTime(formId: string, token: string, nowMs = Date.now()): Buffer {
    const bytes = bytesOf(token, 6 + NONCE_BYTES + MAC_BYTES);
    const head = bytes?.subarray(0, 6 + NONCE_BYTES);
    if (!bytes || !head || !timingSafeEqual(bytes.subarray(head.length), this.mac(`time\0${formId}`, head)))
      throw new FormTokenRefused('form-token-invalid');
    const age = nowMs - head.readUIntBE(0, 6);
    if (age < SOONEST_MS) throw new FormTokenRefused('form-too-fast');
    if (age > LATEST_MS) throw new FormTokenRefused('form-too-old');
    return head.subarray(6);
  }

  confirmationToken({ formId, submissionId, expiresAt }: ConfirmationScope): string {
    const head = Buffer.alloc(38);
    uuidBytes(formId).copy(head, 0);
    uuidBytes(submissionId).copy(head, 16);
    head.writeUIntBE(expiresAt.epochMilliseconds, 32, 6);
    return Buffer.concat([head, this.mac('confirm', head)]).toString('base64url');
  }

  /** @returns null for one that was not made here, or whose time is over */
  readConfirmation(token: string, now: Temporal.Instant): ConfirmationScope | null {
    const bytes = bytesOf(token, 38 + MAC_BYTES);
    const head = bytes?.subarray(0, 38);
    if (!bytes || !head || !timingSafeEqual(bytes.subarray(38), this.mac('confirm', head))) return null;
    const expiresAt = Temporal.Instant.fromEpochMilliseconds(head.readUIntBE(32, 6));
    if (Temporal.Instant.compare(expiresAt, now) <= 0) return null;
    return { formId: uuidText(head.subarray(0, 16)), submissionId: uuidText(head.subarray(16, 32)), expiresAt };
  }

  /** A name that can be counted by and not be read back. */
  bucket(kind: 'network' | 'form' | 'site' | 'recipient', of: string): Buffer {
    return this.mac('bucket', Buffer.from(`${kind}\0${of}`)).subarray(0, 16);
  }

  private mac(purpose: string, bytes: Buffer): Buffer {
    return createHmac('sha256', this.key).update(`${purpose}\0`).update(bytes).digest();
  }
}

function bytesOf(token: string, length: number): Buffer | null {
  if (!/^[A-Za-z0-9_-]+$/.test(token) || token.length > 200) return null;
  const bytes = Buffer.from(token, 'base64url');
  // Said the one way there is: what base64url leaves over at the end must be nothing.
  return bytes.length === length && bytes.toString('base64url') === token ? bytes : null;
}

const uuidBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');
const uuidText = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
