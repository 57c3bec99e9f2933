import { Injectable } from '@nestjs/common';
import { AccessOptions, type Principal } from '@avtala/access';
import { type AppError, Missing } from '@avtala/contracts';
import { toProblem } from '@avtala/http';
import { log } from '@avtala/observability';
import { CeremonyRefused, ProviderAnswerRefused, ProviderDenied } from '../domain/errors.js';
import type { IdentityProvider } from '../outbound/identity-provider.js';
import type { Answered, Asked } from './auth-door.js';
import { challengeOver, Challenges } from './challenges.js';
import { onlyText } from './library-ceremonies.js';
import type { Offered } from './own-ceremonies.js';
import { type Pending, ProviderOptions, ProviderSignIn, type Purpose, sealHint } from './provider-sign-in.js';

const MINUTES = 10;
const PURPOSES: readonly Purpose['kind'][] = ['sign-in', 'invitation', 'link', 'step-up'];

/** The identity provider at the door: the way there, and the way back. */
@Injectable()
export class ProviderCeremonies {
  constructor(
    private readonly options: ProviderOptions,
    private readonly signIns: ProviderSignIn,
    private readonly challenges: Challenges,
    private readonly access: AccessOptions,
  ) {}

  readonly offered: Offered = {
    'GET /provider': { who: 'anyone', answer: async () => this.named() },
    'POST /provider/start': { who: 'anyone', answer: (asked, caller) => this.start(asked, caller) },
    'GET /provider/callback': { who: 'anyone', answer: (asked, caller) => this.callback(asked, caller) },
  };

  /** What to put on the button; null without a provider. */
  private named(): Answered {
    return { status: 200, body: { name: this.options.provider ? this.options.name : null }, cookies: [] };
  }

  private async start(asked: Asked, caller: Principal | undefined): Promise<Answered> {
    const given = onlyText(asked.body, ['purpose', 'invitation'], true);
    const kind = PURPOSES.find((p) => p === (given['purpose'] ?? 'sign-in'));
    if (!kind || (kind === 'invitation') !== (given['invitation'] !== undefined))
      throw new CeremonyRefused(400, 'fields-invalid');
    const provider = this.provider();
    const purpose = await this.signIns.purposeOf(kind, given['invitation'], caller);
    const { url, flow } = await provider.start(this.at(asked, '/api/auth/provider/callback').href, {
      fresh: kind === 'step-up',
    });
    const data: Pending = { flow, purpose };
    const cookie = await this.challenges.open({ kind: 'identity-provider', data, minutes: MINUTES });
    return { status: 200, body: { url }, cookies: [cookie] };
  }

  /** A navigation: a browser is sent on to a page of ours, also with what went wrong; other clients are answered as everywhere. */
  private async callback(asked: Asked, caller: Principal | undefined): Promise<Answered> {
    const over = challengeOver('identity-provider');
    try {
      const { cookie, aal } = await this.finish(asked, caller);
      const cookies = cookie ? [cookie, over] : [over];
      return this.sendTo(asked, aal === 2 ? '/' : '/second-factor', cookies);
    } catch (error) {
      const problem = toProblem(error);
      if (!/\btext\/html\b/.test(asked.headers.accept ?? '') || problem.status === 500) throw error;
      log.warn('sign-in.refused', { code: (error as AppError).code, status: problem.status });
      return this.sendTo(asked, `/sign-in#refused=${problem.code}`, [over]);
    }
  }

  private async finish(asked: Asked, caller: Principal | undefined) {
    const provider = this.provider();
    const { flow, purpose } = await this.challenges.take<Pending>('identity-provider', asked.headers.cookie);
    const repeated = [...new Set(asked.query.keys())].some((name) => asked.query.getAll(name).length > 1);
    if (repeated || asked.query.get('state') !== flow.state) throw new ProviderAnswerRefused();
    if (asked.query.has('error')) throw new ProviderDenied();
    const callback = this.at(asked, '/api/auth/provider/callback');
    callback.search = asked.query.toString();
    const identity = await provider.finish(callback, flow);
    return this.signIns.signIn(identity, await sealHint(this.access, identity.idToken), purpose, caller);
  }

  private provider(): IdentityProvider {
    if (!this.options.provider) throw new Missing('page');
    return this.options.provider;
  }

  private sendTo(asked: Asked, page: string, cookies: string[]): Answered {
    return { status: 303, body: null, cookies, headers: { location: this.at(asked, page).href } };
  }

  private at(asked: Asked, path: string): URL {
    return new URL(path, this.access.ownOrigins[0] ?? `http://${asked.headers.host ?? 'localhost'}`);
  }
}
