import { Injectable } from '@nestjs/common';
import { type DueItem, DueWork } from '@avtala/messaging';
import { AccountLife, IDLE } from '../services/account-life.js';
import { ResetMail } from '../services/reset-mail.js';

/** What happens to accounts by themselves, as due work. */
@Injectable()
export class AccountTimers {
  constructor(
    private readonly resets: ResetMail,
    private readonly accounts: AccountLife,
  ) {}

  @DueWork('password-reset')
  async passwordReset(work: DueItem[]): Promise<void> {
    for (const item of work) await this.resets.send(item);
  }

  @DueWork(IDLE)
  async idle(work: DueItem[]): Promise<void> {
    for (const item of work) await this.accounts.idle(item);
  }
}
