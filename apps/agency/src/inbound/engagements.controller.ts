import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Allow, Caller, type Principal } from '@avtala/access';
import { CRM_ERASURES, type CrmErasure, IsCalendarDate, IsTimeZone } from '@avtala/contracts';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { AgencyConfig } from '../config.js';
import { DESIGNATED_SYSTEMS, type DesignatedSystem } from '../domain/retention-months.js';
import { engagementView, type EngagementsView, type EngagementView } from './engagement-views.js';
import { EngagementsService } from '../services/engagements.service.js';
import { TermService } from '../services/term.service.js';
import { IsOrganisationNumber, NO_CONTROLS, normalNumber, TEXT, Trimmed } from './fields.js';

class PartyBody {
  @Trimmed() @IsString() @Length(1, 200) @Matches(NO_CONTROLS) name!: string;
  @IsString() @IsOrganisationNumber() organisationNumber!: string;
}

class NoticeTextBody {
  /** Where the people's data comes from, as they are told (GDPR Art. 14). */
  @IsOptional() @Trimmed() @IsString() @Length(1, 500) @Matches(NO_CONTROLS) source?: string;
}

class NewEngagementBody {
  @IsUUID() clientId!: string;
  @Trimmed() @IsString() @Length(1, 200) @Matches(NO_CONTROLS) name!: string;
  @IsObject() @ValidateNested() @Type(() => PartyBody) controller!: PartyBody;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => PartyBody) processor?: PartyBody;
  @IsInt() @Min(1) @Max(120) retentionMonths!: number;
  @IsOptional() @IsInt() @Min(1) @Max(120) bindingMonths?: number;
  @IsCalendarDate() startsOn!: string;
  @IsTimeZone() timeZone!: string;
  @IsOptional() @IsBoolean() eraseOnReply?: boolean;
  @IsOptional() @IsIn(CRM_ERASURES) crmErasure?: CrmErasure;
  /** Systems of the client that leads will be handed to (D1): the retention must leave them time to forget. */
  @IsOptional() @IsArray() @ArrayUnique() @IsIn(DESIGNATED_SYSTEMS, { each: true }) systems?: DesignatedSystem[];
  @IsOptional() @IsObject() @ValidateNested() @Type(() => NoticeTextBody) notice?: NoticeTextBody;
}

class AssessmentBody {
  @Trimmed() @IsString() @Length(1, 4000) @Matches(TEXT) purpose!: string;
  @Trimmed() @IsString() @Length(1, 4000) @Matches(TEXT) necessity!: string;
  @Trimmed() @IsString() @Length(1, 4000) @Matches(TEXT) balancing!: string;
  @IsCalendarDate() madeOn!: string;
}

class MembersBody {
  @IsArray() @ArrayMaxSize(1000) @ArrayUnique() @IsUUID('all', { each: true }) userIds!: string[];
}

class NoticeBody {
  /** Last day wished for, if later than the end of the month that is paid for. */
  @IsOptional() @IsCalendarDate() endsOn?: string;
}

@Controller('api/v1/engagements')
export class EngagementsController {
  constructor(
    private readonly engagements: EngagementsService,
    private readonly terms: TermService,
    private readonly config: AgencyConfig,
  ) {}

  @Post()
  @Allow('admin')
  async open(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: NewEngagementBody,
  ): Promise<{ id: string }> {
    const ourselves = { name: this.config.AGENCY_NAME, organisationNumber: this.config.AGENCY_ORGANISATION_NUMBER };
    const id = await this.engagements.open(caller, claim, {
      clientId: body.clientId,
      name: body.name,
      controller: party(body.controller),
      processor: party(body.processor ?? ourselves),
      retentionMonths: body.retentionMonths,
      bindingMonths: body.bindingMonths ?? 1,
      startsOn: Temporal.PlainDate.from(body.startsOn),
      timeZone: body.timeZone,
      eraseOnReply: body.eraseOnReply ?? false,
      crmErasure: body.crmErasure ?? 'delete-created',
      systems: body.systems ?? [],
      noticeSource: body.notice?.source ?? null,
    });
    return { id };
  }

  /** The caller's own, newest first; none is an empty list. */
  @Get()
  @Allow('admin', 'supervisor', 'booker', 'dpo', 'client')
  async list(@Caller() caller: Principal): Promise<EngagementsView> {
    return { items: (await this.engagements.list(caller)).map(engagementView) };
  }

  @Get(':id')
  @Allow('admin', 'supervisor', 'booker', 'dpo', 'client')
  async read(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<EngagementView> {
    return engagementView(await this.engagements.read(caller, id));
  }

  @Post(':id/assessments')
  @Allow('admin', 'supervisor')
  async assess(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Param('id', IdPipe) id: string,
    @Body() body: AssessmentBody,
  ): Promise<{ id: string }> {
    const madeOn = Temporal.PlainDate.from(body.madeOn);
    return { id: await this.engagements.assess(caller, claim, id, { ...body, madeOn }) };
  }

  @Put(':id/members')
  @Allow('admin', 'supervisor')
  async setMembers(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @Body() body: MembersBody,
  ): Promise<{ userIds: string[] }> {
    const userIds = body.userIds.map((userId) => userId.toLowerCase());
    return { userIds: await this.engagements.setMembers(caller, id, userIds) };
  }

  @Post(':id/notice')
  @HttpCode(200)
  @Allow('admin')
  async giveNotice(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Param('id', IdPipe) id: string,
    @Body() body: NoticeBody,
  ): Promise<{ effectiveEndAt: string }> {
    const endsOn = body.endsOn == null ? undefined : Temporal.PlainDate.from(body.endsOn);
    return { effectiveEndAt: (await this.terms.giveNotice(caller, claim, id, endsOn)).toString() };
  }
}

const party = (body: PartyBody) => ({ name: body.name, organisationNumber: normalNumber(body.organisationNumber) });
