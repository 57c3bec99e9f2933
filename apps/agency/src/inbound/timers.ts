import { Injectable } from '@nestjs/common';
import { type DueItem, DueWork } from '@avtala/messaging';
import { TermService } from '../services/term.service.js';

/** An engagement's first day and its effective end, as due work. */
@Injectable()
export class Timers {
  constructor(private readonly terms: TermService) {}

  @DueWork('engagement-start')
  async start(work: DueItem[]): Promise<void> {
    for (const item of work) await this.terms.start(item);
  }

  @DueWork('engagement-end')
  async end(work: DueItem[]): Promise<void> {
    for (const item of work) await this.terms.end(item);
  }
}
