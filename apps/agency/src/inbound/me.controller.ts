import { Controller, Get } from '@nestjs/common';
import { Allow, Caller, OwnData, type Principal, type Role } from '@avtala/access';
import { Clock } from '@avtala/time';
import { PeopleService } from '../services/people.service.js';

export class MeView {
  readonly id!: string;
  readonly name!: string;
  readonly email!: string;
  readonly role!: Role;
  /** Those this person is a member of. */
  readonly engagementIds!: readonly string[];
  /** When it was last proved who this is; what is dangerous asks for a proof of the last minutes. */
  readonly authTime!: string;
  /** Business time, for a page that says how far away things are: a computer's clock may be wrong, and a sandbox's is moved. */
  readonly now!: string;
}

@Controller('api/v1/me')
export class MeController {
  constructor(
    private readonly people: PeopleService,
    private readonly clock: Clock,
  ) {}

  /** Whoever asks: a person in staff, or a client's. */
  @Get()
  @OwnData()
  @Allow('admin', 'supervisor', 'booker', 'dpo', 'client')
  async me(@Caller() caller: Principal): Promise<MeView> {
    const { name, email } = await this.people.nameOf(caller.userId);
    return {
      id: caller.userId,
      name,
      email,
      role: caller.role,
      engagementIds: caller.engagementIds,
      authTime: caller.authTime.toString(),
      now: this.clock.now().toString({ smallestUnit: 'millisecond' }),
    };
  }
}
