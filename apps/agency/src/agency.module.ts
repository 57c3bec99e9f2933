import { Module } from '@nestjs/common';
import { parseConfig } from '@avtala/runtime';
import { AgencyConfig } from './config.js';
import { ClientsController } from './inbound/clients.controller.js';
import { EngagementsController } from './inbound/engagements.controller.js';
import { MeController } from './inbound/me.controller.js';
import { StaffController } from './inbound/staff.controller.js';
import { Timers } from './inbound/timers.js';
import { TestClockController } from './inbound/test-clock.controller.js';
import { AuthDoor } from './services/auth-door.js';
import { ClientsService } from './services/clients.service.js';
import { EngagementsService } from './services/engagements.service.js';
import { InvitationsService } from './services/invitations.service.js';
import { PeopleService } from './services/people.service.js';
import { SignIn } from './services/sign-in.js';
import { SignInProof } from './services/sign-in-proof.js';
import { SignInThrottle } from './services/sign-in-throttle.js';
import { TermService } from './services/term.service.js';

@Module({
  controllers: [ClientsController, EngagementsController, MeController, StaffController, TestClockController],
  providers: [
    { provide: AgencyConfig, useFactory: () => parseConfig(AgencyConfig, process.env) },
    AuthDoor,
    ClientsService,
    EngagementsService,
    InvitationsService,
    PeopleService,
    SignIn,
    SignInProof,
    SignInThrottle,
    TermService,
    Timers,
  ],
})
export class AgencyModule {}
