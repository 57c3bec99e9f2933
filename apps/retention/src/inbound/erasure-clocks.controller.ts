import { Allow, Caller, type Principal } from '@avtala/access';
import { IdPipe } from '@avtala/http';
import { Controller, Get, Param } from '@nestjs/common';
import type { OrderState } from '../domain/saga.js';
import { type ClockLine, ClockViews } from '../services/clock-view.service.js';

/** When everything about an engagement's people is gone (A7, E1). Instants ISO 8601, days Swedish calendar days. */
class ErasureClockView {
  readonly engagementId!: string;
  /** X, whole months after the end. */
  readonly retentionMonths!: number;
  readonly endedAt!: string | null;
  /** When erasing begins: early enough for the slowest recipient. */
  readonly erasesFrom!: string | null;
  /** Last day on which anything may exist; inclusive. */
  readonly eraseBy!: string | null;
  /** When whoever has not been read back is late. */
  readonly judgedAt!: string | null;
  readonly orderId!: string | null;
  readonly orderState!: OrderState | null;
}

class ErasureClocksView {
  readonly items!: ErasureClockView[];
}

@Controller('api/v1/erasure-clocks')
@Allow('admin', 'supervisor', 'dpo', 'client')
export class ErasureClocksController {
  constructor(private readonly clocks: ClockViews) {}

  @Get()
  async list(@Caller() caller: Principal): Promise<ErasureClocksView> {
    return { items: (await this.clocks.list(caller)).map(view) };
  }

  @Get(':engagementId')
  async get(
    @Param('engagementId', IdPipe) engagementId: string,
    @Caller() caller: Principal,
  ): Promise<ErasureClockView> {
    return view(await this.clocks.get(caller, engagementId));
  }
}

const view = ({ engagementId, retentionMonths, endedAt, dates, order }: ClockLine): ErasureClockView => ({
  engagementId,
  retentionMonths,
  endedAt: endedAt?.toISOString() ?? null,
  erasesFrom: dates?.erasesFrom.toString() ?? null,
  eraseBy: dates?.eraseBy.toString() ?? null,
  judgedAt: dates?.judgedAt.toString() ?? null,
  orderId: order?.id ?? null,
  orderState: order?.state ?? null,
});
