import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { IsString, Length, Matches } from 'class-validator';
import { Allow, Caller, type Principal, ROLES, StepUp } from '@avtala/access';
import { IdempotentKey, type IdempotencyClaim, IdPipe } from '@avtala/http';
import { Factors } from '../services/factors.js';
import { OwnPasskeys } from '../services/own-passkeys.js';
import { RecoveryCodes } from '../services/recovery-codes.js';
import { NO_CONTROLS, Trimmed } from './fields.js';

class PasskeyAnswer {
  readonly id!: string;
  readonly name!: string;
  /** Kept by the person's account with Apple, Google or the like, and on several devices. */
  readonly synced!: boolean;
  readonly createdAt!: string;
  readonly usedAt!: string | null;
}

class FactorsAnswer {
  readonly totp!: boolean;
  readonly passkeys!: PasskeyAnswer[];
  /** How many are left. */
  readonly recoveryCodes!: number;
}

class RecoveryCodesAnswer {
  readonly codes!: string[];
}

class RenameBody {
  @Trimmed() @IsString() @Length(1, 60) @Matches(NO_CONTROLS) name!: string;
}

/** A person's own second factors. Adding a passkey is a ceremony (services/passkey-ceremonies). */
@Controller('api/v1/me')
@Allow(...ROLES)
export class FactorsController {
  constructor(
    private readonly factors: Factors,
    private readonly passkeys: OwnPasskeys,
    private readonly codes: RecoveryCodes,
  ) {}

  @Get('factors')
  async list(@Caller() caller: Principal): Promise<FactorsAnswer> {
    const { totp, recoveryCodes } = await this.factors.of(caller.userId);
    return { totp, recoveryCodes, passkeys: await this.passkeys.list(caller.userId) };
  }

  @Patch('passkeys/:id')
  @HttpCode(204)
  async rename(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @Body() body: RenameBody): Promise<void> {
    await this.passkeys.rename(caller, id, body.name);
  }

  /** Not the last second factor; ends the other sessions. */
  @Delete('passkeys/:id')
  @HttpCode(204)
  @StepUp()
  async remove(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<void> {
    await this.passkeys.remove(caller, id);
  }

  /** Shown this once; older ones stop working. */
  @Post('recovery-codes')
  @StepUp()
  async makeCodes(@Caller() caller: Principal, @IdempotentKey() claim: IdempotencyClaim): Promise<RecoveryCodesAnswer> {
    return { codes: await this.codes.make(caller, claim) };
  }
}
