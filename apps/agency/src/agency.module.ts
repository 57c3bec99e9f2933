import { Module } from '@nestjs/common';
import { parseConfig } from '@avtala/runtime';
import { AgencyConfig } from './config.js';
import { ApiKeysController } from './inbound/api-keys.controller.js';
import { ClientsController } from './inbound/clients.controller.js';
import { EngagementsController } from './inbound/engagements.controller.js';
import { FactorsController } from './inbound/factors.controller.js';
import { LoginHistorySweep } from './inbound/login-history-sweep.js';
import { SessionsController } from './inbound/sessions.controller.js';
import { AccountsController } from './inbound/accounts.controller.js';
import { LiveController } from './inbound/live.controller.js';
import { MeController } from './inbound/me.controller.js';
import { SignInsController } from './inbound/sign-ins.controller.js';
import { StaffController } from './inbound/staff.controller.js';
import { StaffListController } from './inbound/staff-list.controller.js';
import { AccountTimers } from './inbound/account-timers.js';
import { Timers } from './inbound/timers.js';
import { TestClockController } from './inbound/test-clock.controller.js';
import { AccountControl } from './services/account-control.js';
import { AccountLife } from './services/account-life.js';
import { IdleReminder } from './services/idle-reminder.js';
import { SessionList } from './services/session-list.js';
import { AccountMail } from './services/account-mail.js';
import { ApiKeysService } from './services/api-keys.service.js';
import { AuthDoor } from './services/auth-door.js';
import { AuthEvents } from './services/auth-events.js';
import { AuthHistory } from './services/auth-history.js';
import { Challenges } from './services/challenges.js';
import { ClientsService } from './services/clients.service.js';
import { EngagementsService } from './services/engagements.service.js';
import { Factors } from './services/factors.js';
import { InvitationsService } from './services/invitations.service.js';
import { LibraryCeremonies } from './services/library-ceremonies.js';
import { Live } from './services/live.service.js';
import { LoginHistory } from './services/login-history.service.js';
import { OwnCeremonies } from './services/own-ceremonies.js';
import { OwnPasskeys } from './services/own-passkeys.js';
import { OwnSessions } from './services/own-sessions.js';
import { PasskeyCeremonies } from './services/passkey-ceremonies.js';
import { Passkeys } from './services/passkeys.js';
import { PasswordReset } from './services/password-reset.js';
import { PeopleService } from './services/people.service.js';
import { ProviderCeremonies } from './services/provider-ceremonies.js';
import { ProviderOptions, ProviderSignIn } from './services/provider-sign-in.js';
import { providerOptions } from './services/provider-options.js';
import { RecoveryCodes } from './services/recovery-codes.js';
import { ResetCeremonies } from './services/reset-ceremonies.js';
import { ResetMail } from './services/reset-mail.js';
import { SignIn } from './services/sign-in.js';
import { SignInProof } from './services/sign-in-proof.js';
import { SignInThrottle } from './services/sign-in-throttle.js';
import { SignOut } from './services/sign-out.js';
import { StaffList } from './services/staff-list.js';
import { TermService } from './services/term.service.js';

@Module({
  controllers: [
    AccountsController,
    SessionsController,
    ApiKeysController,
    ClientsController,
    EngagementsController,
    FactorsController,
    LiveController,
    MeController,
    SignInsController,
    StaffController,
    StaffListController,
    TestClockController,
  ],
  providers: [
    AccountTimers,
    { provide: AgencyConfig, useFactory: () => parseConfig(AgencyConfig, process.env) },
    AccountControl,
    AccountLife,
    IdleReminder,
    SessionList,
    AccountMail,
    ApiKeysService,
    AuthDoor,
    AuthEvents,
    AuthHistory,
    Challenges,
    ClientsService,
    EngagementsService,
    Factors,
    InvitationsService,
    LibraryCeremonies,
    Live,
    LoginHistory,
    LoginHistorySweep,
    OwnCeremonies,
    OwnPasskeys,
    OwnSessions,
    PasskeyCeremonies,
    Passkeys,
    PasswordReset,
    PeopleService,
    ProviderCeremonies,
    { provide: ProviderOptions, useFactory: providerOptions, inject: [AgencyConfig] },
    ProviderSignIn,
    RecoveryCodes,
    ResetCeremonies,
    ResetMail,
    SignIn,
    SignInProof,
    SignInThrottle,
    SignOut,
    StaffList,
    TermService,
    Timers,
  ],
})
export class AgencyModule {}
