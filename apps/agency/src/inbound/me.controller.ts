import { Controller, Get } from '@nestjs/common';
import { Allow, Caller, OwnData, type Principal } from '@avtala/access';
import { PeopleService } from '../services/people.service.js';

@Controller('api/v1/me')
export class MeController {
  constructor(private readonly people: PeopleService) {}

  @Get()
  @OwnData()
  @Allow('admin', 'supervisor', 'booker', 'dpo', 'client')
  async me(@Caller() caller: Principal): Promise<object> {
    const { name, email } = await this.people.nameOf(caller.userId);
    return {
      id: caller.userId,
      name,
      email,
      role: caller.role,
      engagementIds: caller.engagementIds,
      authTime: caller.authTime.toString(),
    };
  }
}
