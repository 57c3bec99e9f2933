import { Injectable } from '@nestjs/common';
import type { Principal } from '@avtala/access';
import type { Answered, Asked, Ceremonies, Who } from './auth-door.js';
import { PasskeyCeremonies } from './passkey-ceremonies.js';
import { ProviderCeremonies } from './provider-ceremonies.js';
import { RecoveryCodes } from './recovery-codes.js';
import { ResetCeremonies } from './reset-ceremonies.js';
import { SignOut } from './sign-out.js';

export type Ceremony = (asked: Asked, caller: Principal | undefined) => Promise<Answered>;
export type Offered = Readonly<Record<string, { readonly who: Who; readonly answer: Ceremony }>>;

/** Ceremonies of our own, beside the library's: each kind in a file of its own says what it offers. */
@Injectable()
export class OwnCeremonies implements Ceremonies {
  readonly open: Readonly<Record<string, Who>>;
  private readonly offered: Offered;

  constructor(
    passkeys: PasskeyCeremonies,
    provider: ProviderCeremonies,
    recovery: RecoveryCodes,
    resets: ResetCeremonies,
    signOut: SignOut,
  ) {
    const kinds = [passkeys, provider, recovery, resets, signOut];
    this.offered = Object.assign({}, ...kinds.map((kind) => kind.offered)) as Offered;
    this.open = Object.fromEntries(Object.entries(this.offered).map(([route, { who }]) => [route, who]));
  }

  answer(route: string, asked: Asked, caller: Principal | undefined): Promise<Answered> {
    return this.offered[route]!.answer(asked, caller);
  }
}
