import { Injectable } from '@nestjs/common';
import { type DueItem, DueWork } from '@avtala/messaging';
import { ResetMail } from '../services/reset-mail.js';

/** Mail to people with an account, as due work. */
@Injectable()
export class AccountTimers {
  constructor(private readonly resets: ResetMail) {}

  @DueWork('password-reset')
  async passwordReset(work: DueItem[]): Promise<void> {
    for (const item of work) await this.resets.send(item);
  }
}
