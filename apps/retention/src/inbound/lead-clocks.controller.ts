import { Allow, Caller, type Principal } from '@avtala/access';
import { IdPipe } from '@avtala/http';
import { Controller, Get, Param } from '@nestjs/common';
import { LeadClocks, type LeadClockView } from '../services/lead-clock.service.js';

@Controller('api/v1/lead-clocks')
export class LeadClocksController {
  constructor(private readonly clocks: LeadClocks) {}

  /** By when the person is gone, and the order under way or done. */
  @Get(':leadId')
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  read(@Param('leadId', IdPipe) leadId: string, @Caller() caller: Principal): Promise<LeadClockView> {
    return this.clocks.read(caller, leadId);
  }
}
