import { Allow, Caller, type Principal } from '@avtala/access';
import { Body, Controller, Get, Inject, Put } from '@nestjs/common';
import { IsIn, IsUUID } from 'class-validator';
import { DESK_STATES, type DeskState } from '../domain/desk-state.js';
import { DeskStates } from '../services/desk-states.service.js';
import { Floor } from '../services/floor.service.js';

const TOLD = [...DESK_STATES, 'left'] as const;

class DeskSays {
  @IsUUID() engagementId!: string;
  /** lead: one is on the screen; left: the desk is closed. */
  @IsIn(TOLD) state!: (typeof TOLD)[number];
}

class DeskHeard {
  readonly state!: (typeof TOLD)[number];
}

class BookerBody {
  readonly userId!: string;
  readonly engagementId!: string;
  /** lead: handed out, and no call has begun; waiting: nobody is to be called. */
  readonly state!: DeskState;
  /** Whole seconds in it, of real time. */
  readonly forSeconds!: number;
}

class BookersBody {
  readonly items!: BookerBody[];
}

class QueueDepthBody {
  readonly engagementId!: string;
  /** False: outside its calling hours. */
  readonly open!: boolean;
  readonly callableNow!: number;
  /** Waiting for their time, or for the calling hours. */
  readonly waiting!: number;
  readonly handedOut!: number;
  readonly nextCallableAt!: string | null;
  /** Attempts in the last hour, of everybody together. */
  readonly perHour!: number;
  /** When the list runs dry at that pace; null: not within two hours, or not today. */
  readonly dryAt!: string | null;
}

class QueueDepths {
  readonly items!: QueueDepthBody[];
}

/** What a supervisor keeps alive: bookers and lists, in ids and counts. May be asked every other second. */
@Controller('api/v1/calling')
export class FloorController {
  constructor(
    @Inject(Floor) private readonly floor: Floor,
    @Inject(DeskStates) private readonly desks: DeskStates,
  ) {}

  /** How deep each queue is, and when it runs dry, in counts of nobody. */
  @Get('queues')
  @Allow('supervisor')
  async queues(@Caller() caller: Principal): Promise<QueueDepths> {
    return { items: await this.floor.queues(caller) };
  }

  /** Who is at the desk in the caller's engagements, and for how long: no lead, no number, no result. */
  @Get('bookers')
  @Allow('supervisor')
  async bookers(@Caller() caller: Principal): Promise<BookersBody> {
    return { items: await this.desks.list(caller) };
  }

  /** Where the caller's own desk is; to be said again every 15 seconds while it is open. Only the present is kept. */
  @Put('desk-state')
  @Allow('booker', 'supervisor')
  async tell(@Caller() caller: Principal, @Body() body: DeskSays): Promise<DeskHeard> {
    await this.desks.tell(caller, body.engagementId, body.state);
    return { state: body.state };
  }
}
