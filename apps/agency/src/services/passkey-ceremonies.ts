import { Injectable } from '@nestjs/common';
import { AccessOptions, type Principal } from '@avtala/access';
import { CeremonyRefused } from '../domain/errors.js';
import type { Answered, Asked } from './auth-door.js';
import { challengeOver } from './challenges.js';
import type { Offered } from './own-ceremonies.js';
import { assertionIn, attestationIn } from './passkey-answer.js';
import { Passkeys } from './passkeys.js';
import { relyingParty } from './relying-party.js';
import { SignInThrottle } from './sign-in-throttle.js';

const NAME = /^[^\p{Cc}\p{Cs}]{1,60}$/u;

/** Passkeys at the door. Listing and removing them are routes like any other (inbound/factors.controller). */
@Injectable()
export class PasskeyCeremonies {
  constructor(
    private readonly passkeys: Passkeys,
    private readonly throttle: SignInThrottle,
    private readonly options: AccessOptions,
  ) {}

  readonly offered: Offered = {
    'POST /passkey/enrolment': { who: 'enrolling', answer: (asked, caller) => this.enrolment(asked, caller!) },
    'POST /passkey/add': { who: 'enrolling', answer: (asked, caller) => this.add(asked, caller!) },
    'POST /passkey/options': { who: 'anyone', answer: (asked) => this.signInOptions(asked) },
    'POST /passkey/sign-in': { who: 'anyone', answer: (asked, caller) => this.signIn(asked, caller) },
  };

  private async enrolment(asked: Asked, caller: Principal): Promise<Answered> {
    fieldsOf(asked.body, []);
    const { options, cookie } = await this.passkeys.enrolment(caller, this.party(asked));
    return { status: 200, body: options, cookies: [cookie] };
  }

  private async add(asked: Asked, caller: Principal): Promise<Answered> {
    const { name, credential } = fieldsOf(asked.body, ['name', 'credential']);
    const called = typeof name === 'string' ? name.normalize('NFC').trim() : '';
    if (!NAME.test(called)) throw new CeremonyRefused(400, 'fields-invalid');
    const { id, cookie } = await this.passkeys.add(caller, attestationIn(credential), called, this.asked(asked));
    return { status: 201, body: { id, name: called }, cookies: [cookie, challengeOver('passkey-enrolment')] };
  }

  private async signInOptions(asked: Asked): Promise<Answered> {
    fieldsOf(asked.body, []);
    const { options, cookie } = await this.passkeys.signInOptions(this.party(asked));
    return { status: 200, body: options, cookies: [cookie] };
  }

  private async signIn(asked: Asked, caller: Principal | undefined): Promise<Answered> {
    const { credential } = fieldsOf(asked.body, ['credential']);
    const answer = assertionIn(credential);
    const tried = `passkey ${answer.id}`;
    await this.throttle.before(tried, asked.address);
    try {
      const cookie = await this.passkeys.signIn(answer, this.asked(asked), caller);
      await this.throttle.succeeded(tried, asked.address);
      return { status: 200, body: { signedIn: true }, cookies: [cookie, challengeOver('passkey')] };
    } catch (error) {
      await this.throttle.failed(asked.address);
      throw error;
    }
  }

  private party(asked: Asked) {
    return relyingParty(this.options, asked.headers.host);
  }

  private asked(asked: Asked) {
    return { party: this.party(asked), cookies: asked.headers.cookie };
  }
}

/** These fields and no others. @throws CeremonyRefused fields-invalid */
function fieldsOf<Name extends string>(body: unknown, names: readonly Name[]): Record<Name, unknown> {
  const given: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const right = Object.keys(given).length === names.length && names.every((name) => given[name] !== undefined);
  if (!right) throw new CeremonyRefused(400, 'fields-invalid');
  return given;
}
