import { Allow, Caller, type Principal, type Role } from '@avtala/access';
import { Controller, Get } from '@nestjs/common';
import { StaffList } from '../services/staff-list.js';

class StaffView {
  readonly id!: string;
  readonly name!: string;
  /** For the admin alone. */
  readonly email!: string | null;
  readonly role!: Role;
  readonly state!: 'active' | 'disabled';
  /** Last sign-in, on the business clock. */
  readonly activeAt!: string;
  /** When the account is deleted if nobody uses it (E2). */
  readonly idleDeleteAt!: string;
  readonly secondFactor!: boolean;
  readonly passkeys!: number;
  readonly sessions!: number;
  readonly engagementIds!: string[];
}

class InvitationView {
  readonly id!: string;
  readonly email!: string;
  readonly role!: Role;
  /** Its link works for 72 hours; an expired one is shown for 30 days, so that a new one can be sent. */
  readonly state!: 'pending' | 'expired';
  /** Real time. */
  readonly expiresAt!: string;
}

class StaffListView {
  readonly items!: StaffView[];
  /** Not accepted yet; for the admin alone. */
  readonly invitations!: InvitationView[];
}

@Controller('api/v1/staff')
export class StaffListController {
  constructor(private readonly staff: StaffList) {}

  /** Everybody for the admin and the DPO; for a supervisor those who share an engagement. Never passwords, keys or performance. */
  @Get()
  @Allow('admin', 'supervisor', 'dpo')
  async list(@Caller() caller: Principal): Promise<StaffListView> {
    const { people, invitations } = await this.staff.list(caller);
    return {
      items: people.map((p) => ({
        ...p,
        email: caller.role === 'admin' ? p.email : null,
        activeAt: p.activeAt.toISOString(),
        idleDeleteAt: p.idleDeleteAt.toString(),
      })),
      invitations: invitations.map((i) => ({ ...i, expiresAt: i.expiresAt.toISOString() })),
    };
  }
}
