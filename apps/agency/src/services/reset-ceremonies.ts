import { Injectable } from '@nestjs/common';
import { CeremonyRefused } from '../domain/errors.js';
import type { Answered, Asked } from './auth-door.js';
import { onlyText } from './library-ceremonies.js';
import type { Offered } from './own-ceremonies.js';
import { PasswordReset } from './password-reset.js';
import { SignInThrottle } from './sign-in-throttle.js';

/** A forgotten password at the door. */
@Injectable()
export class ResetCeremonies {
  constructor(
    private readonly resets: PasswordReset,
    private readonly throttle: SignInThrottle,
  ) {}

  readonly offered: Offered = {
    'POST /password-reset/ask': { who: 'anyone', answer: (asked) => this.ask(asked) },
    'POST /password-reset/complete': { who: 'anyone', answer: (asked) => this.complete(asked) },
  };

  /** Every request counts as a try: nobody fills somebody's mailbox. */
  private async ask(asked: Asked): Promise<Answered> {
    const email = onlyText(asked.body, ['email'])['email']!;
    if (email.length > 254 || !/^[^\s@]+@[^\s@]+$/.test(email)) throw new CeremonyRefused(400, 'invalid-email');
    await this.throttle.before(`reset ${email}`, asked.address);
    await this.resets.ask(email);
    return { status: 202, body: { accepted: true }, cookies: [] };
  }

  private async complete(asked: Asked): Promise<Answered> {
    const { token, newPassword } = onlyText(asked.body, ['token', 'newPassword']);
    if (token!.length > 200 || newPassword!.length > 1000) throw new CeremonyRefused(400, 'fields-invalid');
    await this.resets.complete(token!, newPassword!);
    return { status: 200, body: { changed: true }, cookies: [] };
  }
}
