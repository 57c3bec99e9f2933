import { Body, Controller, Get, Put, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Allow } from '@avtala/access';
import { IsInstant, Missing } from '@avtala/contracts';
import { AgencyConfig } from '../config.js';
import { askClock } from '../services/ask-clock.js';

class MoveBody {
  @IsInstant() now!: string;
}

/** The sandbox's clock, through our own door: for its admin, and only where there is one (production refuses to start with it). */
@Controller('api/v1/test/clock')
export class TestClockController {
  constructor(private readonly config: AgencyConfig) {}

  @Get()
  @Allow('admin')
  async read(@Res() response: Response): Promise<void> {
    await this.forward(response, 'GET');
  }

  /** Moves time forward through everything that is due; may take minutes. */
  @Put()
  @Allow('admin')
  async move(@Body() body: MoveBody, @Res() response: Response): Promise<void> {
    await this.forward(response, 'PUT', { now: body.now });
  }

  private async forward(response: Response, method: 'GET' | 'PUT', body?: object): Promise<void> {
    const clock = this.config.AVTALA_TEST_CLOCK;
    if (!clock) throw new Missing('test clock');
    const { status, type, text } = await askClock(clock, method, body);
    response.status(status).type(type).send(text);
  }
}
