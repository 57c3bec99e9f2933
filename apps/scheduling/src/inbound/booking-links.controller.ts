import { Allow, Caller, type Principal } from '@avtala/access';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IsBoolean, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { BookingLinksService } from '../services/booking-links.service.js';

class NewLinkInput {
  @IsUUID() meetingTypeId!: string;
  @IsUUID() leadId!: string;
  /** Left out: any host of the type. */
  @IsOptional() @IsUUID() hostId?: string;
  @IsInt() @Min(1) @Max(60) validDays = 14;
  /** That the lead asked for it: without, the mail would be marketing, which needs consent (B10), and is refused. */
  @IsBoolean() askedByLead!: boolean;
}

class BookingLinkAnswer {
  readonly id!: string;
  readonly engagementId!: string;
  readonly leadId!: string;
  readonly meetingTypeId!: string;
  readonly hostId!: string | null;
  /** open, booked, declined or withdrawn. */
  readonly state!: string;
  readonly expiresAt!: string;
  /** due, sent or failed. */
  readonly mail!: string;
  /** Why it failed. */
  readonly mailCode!: string | null;
  readonly bookingId!: string | null;
  /** The lead asked for another time than those that were free. */
  readonly timeWantedAt!: string | null;
}

@Controller('api/v1/booking-links')
@Allow('booker', 'supervisor', 'admin')
export class BookingLinksController {
  constructor(private readonly links: BookingLinksService) {}

  /** Sends a lead a link to pick a time by, as they asked for. It leaves after ten seconds; an open link they have already is withdrawn. */
  @Post()
  async send(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: NewLinkInput,
  ): Promise<BookingLinkAnswer> {
    const { meetingTypeId, leadId, hostId, validDays, askedByLead } = body;
    const id = await this.links.send(caller, claim, { meetingTypeId, leadId, hostId, validDays, askedByLead });
    return this.#one(caller, id);
  }

  @Get(':id')
  async one(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<BookingLinkAnswer> {
    return this.#one(caller, id);
  }

  /** Takes it back: within ten seconds no mail leaves, after that the link opens nothing any more. */
  @Delete(':id')
  @HttpCode(204)
  async withdraw(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<void> {
    await this.links.withdraw(caller, id);
  }

  async #one(caller: Principal, id: string): Promise<BookingLinkAnswer> {
    const l = await this.links.one(caller, id);
    return {
      id: l.id,
      engagementId: l.engagementId,
      leadId: l.leadId,
      meetingTypeId: l.meetingTypeId,
      hostId: l.hostId,
      state: l.state,
      expiresAt: l.expiresAt.toString(),
      mail: l.mail,
      mailCode: l.mailCode,
      bookingId: l.bookingId,
      timeWantedAt: l.timeWantedAt?.toString() ?? null,
    };
  }
}
