import { betterAuth, type BetterAuthOptions } from 'better-auth';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { deleteSessionCookie, setSessionCookie } from 'better-auth/cookies';
import { generateRandomString } from 'better-auth/crypto';
import { twoFactor } from 'better-auth/plugins';
import { AccessOptions, SESSION_COOKIE, SESSION_SECONDS } from '@avtala/access';
import { Db } from '@avtala/database';
import { authDialect } from '../storage/auth-database.js';
import { hashPassword, verifyPassword } from './passwords.js';
import { SignInProof } from './sign-in-proof.js';

/** better-auth, for the ceremonies only; the rest of the product sees `Principal` (libs/access) and never this library. Every setting that
 * stands here against a default was tried; security.md 1.3 says why. No bearer, no cookie cache, no api-key, no sign-up. */
export function authOptions(db: Db, access: AccessOptions, proof: SignInProof) {
  return {
    appName: 'Avtala',
    baseURL: access.ownOrigins[0] ?? 'http://localhost',
    basePath: '/api/auth',
    secret: access.authSecret,
    // Without a configured address "own" is the host that was asked, as for every other route (libs/access, own-origin).
    trustedOrigins: async (request?: Request) => {
      const host = request?.headers.get('host');
      return access.ownOrigins.length > 0 || !host ? [...access.ownOrigins] : [`http://${host}`, `https://${host}`];
    },
    database: { dialect: authDialect(db), type: 'postgres' as const },
    telemetry: { enabled: false },
    logger: { disabled: true }, // its lines name addresses; what matters is logged by the mount, ids only
    onAPIError: { throw: true }, // else its router prints what failed, a query's parameters with a session's token among them
    user: {
      modelName: 'auth_user',
      additionalFields: { role: { type: 'string' as const, required: true, input: false } },
      changeEmail: { enabled: false },
      deleteUser: { enabled: false },
    },
    session: {
      modelName: 'auth_session',
      expiresIn: SESSION_SECONDS,
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
    },
    account: { modelName: 'auth_account', accountLinking: { trustedProviders: [] } },
    verification: { modelName: 'auth_verification' },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 12,
      maxPasswordLength: 128,
      password: {
        hash: hashPassword,
        verify: ({ hash, password }: { hash: string; password: string }) => verifyPassword(hash, password),
      },
    },
    rateLimit: { enabled: false }, // ours counts account and network together (sign-in-throttle); its own counts every request
    advanced: {
      // Left unset, the check is off when NODE_ENV=test.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      useSecureCookies: false, // would put __Secure- before the name; the attributes below say Secure
      cookiePrefix: SESSION_COOKIE,
      cookies: { session_token: { name: SESSION_COOKIE } },
      defaultCookieAttributes: { secure: true, httpOnly: true, path: '/', sameSite: 'lax' as const },
      ipAddress: { disableIpTracking: true },
      database: { generateId: 'uuid' as const },
    },
    plugins: [
      twoFactor({
        issuer: 'Avtala',
        allowPasswordless: true, // asks only people who have a password: the others came through the identity provider
        twoFactorTable: 'auth_two_factor',
        schema: { twoFactor: { modelName: 'auth_two_factor' } },
      }),
    ],
    hooks: { after: afterSecondFactor(proof) },
  } satisfies BetterAuthOptions;
}

/** A right code is marked as used, and only then its session counts. With a session already there it is a step-up: new token, new authTime. */
function afterSecondFactor(proof: SignInProof) {
  return createAuthMiddleware(async (ctx) => {
    if (ctx.path !== '/two-factor/verify-totp') return;
    const answer = ctx.context.returned as { token?: string; user?: { id?: string } } | undefined;
    if (answer instanceof Error || !answer?.user?.id || !answer.token) return;
    const signedIn = ctx.context.newSession;
    const token = signedIn?.session.token ?? answer.token;
    const accepted = await proof.accept({ userId: answer.user.id, token, code: String(ctx.body?.code) });
    if (!accepted) {
      if (signedIn) deleteSessionCookie(ctx);
      throw new APIError('UNAUTHORIZED', { code: 'INVALID_CODE', message: 'Invalid code' });
    }
    if (signedIn) return;
    const fresh = generateRandomString(32);
    await proof.renewToken(token, fresh);
    const session = await ctx.context.internalAdapter.findSession(fresh);
    if (session) await setSessionCookie(ctx, session);
  });
}

/** The library itself. This module is the only one that imports it whole: 600 files, a quarter of a second of every start. */
export function signInLibrary(db: Db, access: AccessOptions, proof: SignInProof): Library {
  return betterAuth(authOptions(db, access, proof));
}

/** What we use of it. */
export interface Library {
  handler(request: Request): Promise<Response>;
}
