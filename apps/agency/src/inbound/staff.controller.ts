import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { IsEmail, IsIn, IsString, Length, Matches, MaxLength } from 'class-validator';
import { Transform } from 'class-transformer';
import { Allow, Caller, type Principal, Public, type Role, ROLES, StepUp } from '@avtala/access';
import { IdempotentKey, type IdempotencyClaim, IdPipe } from '@avtala/http';
import { AgencyConfig } from '../config.js';
import { InvitationsService } from '../services/invitations.service.js';
import { invitationLink } from '../services/invitation-link.js';
import { NO_CONTROLS, Trimmed } from './fields.js';

class InvitationBody {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().toLowerCase() : value))
  @IsEmail()
  @MaxLength(254)
  email!: string;
  @IsIn(ROLES) role!: Role;
}

class AcceptBody {
  @IsString() @MaxLength(200) token!: string;
  @Trimmed() @IsString() @Length(1, 200) @Matches(NO_CONTROLS) name!: string;
  @IsString() @MaxLength(1000) password!: string;
}

@Controller('api/v1/staff/invitations')
export class StaffController {
  constructor(
    private readonly invitations: InvitationsService,
    private readonly config: AgencyConfig,
  ) {}

  /** Answers the link once more for a repeat; it is handed over by the admin, and works once. Inviting an address again makes a new link, and the
   * old one opens nothing. */
  @Post()
  @Allow('admin')
  @StepUp()
  async invite(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: InvitationBody,
  ): Promise<{ id: string; link: string; expiresAt: string }> {
    const { id, token, expiresAt } = await this.invitations.invite(caller, claim, body.email, body.role);
    return { id, link: invitationLink(this.config, token), expiresAt: expiresAt.toISOString() };
  }

  /** Without a step-up, as for keys: a link that went to the wrong person is taken back at once. */
  @Post(':id/withdraw')
  @Allow('admin')
  @HttpCode(204)
  async withdraw(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Param('id', IdPipe) id: string,
  ): Promise<void> {
    await this.invitations.withdraw(caller, claim, id);
  }

  /** Without an Idempotency-Key: the token itself can be used once only. */
  @Post('accept')
  @Public()
  async accept(@Body() body: AcceptBody): Promise<{ id: string }> {
    return { id: await this.invitations.accept(body.token, body.name, body.password) };
  }
}
