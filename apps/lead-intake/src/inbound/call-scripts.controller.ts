import { Allow, Caller, type Principal } from '@avtala/access';
import { IdPipe } from '@avtala/http';
import { Body, Controller, Get, Inject, Param, Put } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { CallScripts, type ScriptView } from '../services/call-scripts.service.js';

/** One line of text that says something. */
const LINE = /^[^\s\p{Cc}][^\p{Cc}\p{Zl}\p{Zp}]*$/u;
/** Text that says something; line breaks are allowed. */
const TEXT = /^[^\s\p{Cc}](?:[^\p{Cc}]|\n)*$/u;

class BranchInput {
  @IsString() @MaxLength(60) @Matches(LINE) label!: string;
  @IsString() @MaxLength(1000) @Matches(TEXT) text!: string;
  @IsOptional() @IsString() @MaxLength(300) @Matches(LINE) law?: string | null;
}

class StepInput {
  @IsString() @MaxLength(40) @Matches(LINE) title!: string;
  @IsString() @MaxLength(2000) @Matches(TEXT) text!: string;
  @IsArray()
  @ArrayMaxSize(8)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => BranchInput)
  branches!: BranchInput[];
}

class ScriptInput {
  /** The version that was read (0: the default): another one answers 409. */
  @IsInt() @Min(0) version!: number;
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(12) @IsObject({ each: true }) @ValidateNested({ each: true }) @Type(() => StepInput) steps!: StepInput[]; // prettier-ignore
}

class BranchBody {
  readonly label!: string;
  readonly text!: string;
  readonly law!: string | null;
}

class StepBody {
  readonly title!: string;
  readonly text!: string;
  readonly branches!: BranchBody[];
}

class ScriptBody {
  /** 0: the default, never changed. */
  readonly version!: number;
  readonly steps!: StepBody[];
  readonly changedAt!: string | null;
}

/** What is said in a call. Names in braces are filled in by the screen: `{host}`, `{slot}`, `{company}`, `{firstName}`, `{client}`, `{booker}`. */
@Controller('api/v1/engagements/:id/script')
export class CallScriptsController {
  constructor(@Inject(CallScripts) private readonly scripts: CallScripts) {}

  @Get()
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  async read(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<ScriptBody> {
    return bodyOf(await this.scripts.read(caller, id));
  }

  /** Writes the next version whole. */
  @Put()
  @Allow('admin', 'supervisor')
  async write(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @Body() body: ScriptInput,
  ): Promise<ScriptBody> {
    const steps = body.steps.map(({ title, text, branches }) => ({
      title,
      text,
      branches: branches.map((b) => ({ label: b.label, text: b.text, law: b.law ?? null })),
    }));
    return bodyOf(await this.scripts.write(caller, id, { version: body.version, steps }));
  }
}

const bodyOf = ({ version, steps, changedAt }: ScriptView): ScriptBody => ({
  version,
  steps: steps.map((s) => ({ ...s, branches: s.branches.map((b) => ({ ...b })) })),
  changedAt,
});
