import { Public } from '@avtala/access';
import { networkOf } from '@avtala/http';
import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import type { Request } from 'express';
import { PublicChangeService, type Press } from '../services/public-change.service.js';
import { PublicViewService } from '../services/public-view.service.js';
import { instantOfInput, knownZone } from './time-input.js';

class FreeInput {
  /** Instants, or local times in `timeZone`. */
  @IsString() @MaxLength(40) from!: string;
  @IsString() @MaxLength(40) to!: string;
  @IsString() @MaxLength(64) timeZone!: string;
}

class PressInput {
  /** `page` of what GET answered: one press of it counts, and a second one is answered like the first. */
  @IsString() @MaxLength(200) page!: string;
}

class StartPress extends PressInput {
  /** An instant, with an offset or Z. */
  @IsString() @MaxLength(40) startsAt!: string;
}

class CancelPress extends PressInput {
  /** Why, in one's own words. */
  @IsOptional() @IsString() @MaxLength(1000) said?: string;
}

class NoticeView {
  readonly source!: string;
  readonly ground!: string;
  readonly obtainedAt!: string;
  readonly controller!: string;
}

class MeetingView {
  /** pick, move, cancel or receipt. */
  readonly purpose!: string;
  /** open, booked, cancelled, declined or over. */
  readonly state!: string;
  readonly title!: string;
  readonly lengthMinutes!: number;
  readonly location!: string | null;
  /** null: whoever of several hosts is free. */
  readonly hostName!: string | null;
  readonly startsAt!: string | null;
  readonly endsAt!: string | null;
  /** sv or en. */
  readonly language!: string;
  /** The lead's. */
  readonly timeZone!: string;
  readonly hostTimeZone!: string;
  readonly now!: string;
  /** Of the link. */
  readonly expiresAt!: string;
  /** Another time was asked for by this link. */
  readonly timeWanted!: boolean;
  /** Where the invitation goes, masked; null while the person's data may not be used (F4). */
  readonly invitationTo!: string | null;
  readonly notice!: NoticeView | null;
  /** The person's data is gone at most so many months after the engagement ended (A7); null: not known here. */
  readonly retentionMonths!: number | null;
  /** To be sent with the press. */
  readonly page!: string;
  readonly moveToken!: string | null;
  readonly cancelToken!: string | null;
  readonly receiptToken!: string | null;
}

class FreeTime {
  readonly startsAt!: string;
}

class FreeDay {
  readonly day!: string;
  readonly reason!: string;
}

class FreeTimes {
  readonly slots!: FreeTime[];
  /** Days without one, in the zone asked for, and why. */
  readonly days!: FreeDay[];
}

class Receipt {
  /** Token of the receipt's page. */
  readonly receipt!: string;
}

class Taken {
  readonly taken!: boolean;
}

/** What links in mails open, for the pages of public-web. Nobody is signed in: the token is signed, for one purpose, for one version of one meeting,
 * and ends. Reading changes nothing. */
@Controller('api/v1/public/meetings/:token')
@Public()
export class PublicMeetingsController {
  constructor(
    private readonly views: PublicViewService,
    private readonly changes: PublicChangeService,
  ) {}

  @Get()
  async view(@Param('token') token: string): Promise<MeetingView> {
    const v = await this.views.view(token);
    return {
      purpose: v.purpose,
      state: v.state,
      title: v.title,
      lengthMinutes: v.lengthMinutes,
      location: v.location,
      hostName: v.hostName,
      startsAt: v.startsAt?.toString() ?? null,
      endsAt: v.endsAt?.toString() ?? null,
      language: v.language,
      timeZone: v.timeZone,
      hostTimeZone: v.hostTimeZone,
      now: v.now.toString(),
      expiresAt: v.expiresAt.toString(),
      timeWanted: v.timeWanted,
      invitationTo: v.invitationTo,
      notice: v.notice && {
        source: v.notice.source,
        ground: v.notice.ground,
        obtainedAt: v.notice.obtainedAt,
        controller: v.notice.controller,
      },
      retentionMonths: v.retentionMonths,
      page: v.page,
      moveToken: v.moveToken,
      cancelToken: v.cancelToken,
      receiptToken: v.receiptToken,
    };
  }

  /** Starts that can be picked, each once whoever the host is; the press itself asks the calendars again. */
  @Get('slots')
  async free(@Param('token') token: string, @Query() query: FreeInput): Promise<FreeTimes> {
    const zone = knownZone(query.timeZone);
    const asked = { from: instantOfInput(query.from, zone), to: instantOfInput(query.to, zone), zone };
    const found = await this.views.free(token, asked);
    const starts = [...new Set(found.slots.map((s) => s.startsAt.toString()))];
    return { slots: starts.map((startsAt) => ({ startsAt })), days: found.days };
  }

  /** The meeting as an iCalendar file; for the token of a receipt. */
  @Get('calendar')
  @Header('content-type', 'text/calendar; charset=utf-8')
  async file(@Param('token') token: string): Promise<string> {
    return this.views.file(token);
  }

  @Post('book')
  @HttpCode(200)
  async book(@Param('token') token: string, @Req() request: Request, @Body() body: StartPress): Promise<Receipt> {
    const startsAt = instantOfInput(body.startsAt, undefined);
    return { receipt: await this.changes.book(pressOf(token, body, request), startsAt) };
  }

  /** No thanks, no meeting. */
  @Post('decline')
  @HttpCode(200)
  async decline(@Param('token') token: string, @Req() request: Request, @Body() body: PressInput): Promise<Taken> {
    await this.changes.decline(pressOf(token, body, request));
    return { taken: true };
  }

  /** None of the times fits: somebody calls. */
  @Post('want-time')
  @HttpCode(200)
  async wantTime(@Param('token') token: string, @Req() request: Request, @Body() body: PressInput): Promise<Taken> {
    await this.changes.wantTime(pressOf(token, body, request));
    return { taken: true };
  }

  @Post('move')
  @HttpCode(200)
  async move(@Param('token') token: string, @Req() request: Request, @Body() body: StartPress): Promise<Receipt> {
    const startsAt = instantOfInput(body.startsAt, undefined);
    return { receipt: await this.changes.move(pressOf(token, body, request), startsAt) };
  }

  @Post('cancel')
  @HttpCode(200)
  async cancel(@Param('token') token: string, @Req() request: Request, @Body() body: CancelPress): Promise<Receipt> {
    return { receipt: await this.changes.cancel(pressOf(token, body, request), body.said?.trim() || undefined) };
  }
}

const pressOf = (token: string, { page }: PressInput, request: Request): Press => ({
  token,
  page,
  address: networkOf(request.ip ?? ''),
});
