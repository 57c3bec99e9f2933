import { fixedError } from '@avtala/contracts';

/** Nobody is signed in: no cookie, a forged or expired one, a session that was ended. One answer for all, so that nothing is learnt. */
export class SignInRequired extends fixedError('unauthenticated', 'sign-in-required', 'Sign in first') {}

/** One answer for a key that never was, has expired or was revoked. */
export class KeyInvalid extends fixedError('unauthenticated', 'key-invalid', 'That API key opens nothing') {}

/** A password alone reaches only the enrolment of a second factor (ASVS 6.3.3). */
export class SecondFactorRequired extends fixedError(
  'forbidden',
  'second-factor-required',
  'Set up a second factor first',
) {}

/** The action needs a fresh proof of who is there (security.md §1.3 rule 9). */
export class StepUpRequired extends fixedError(
  'forbidden',
  'step-up-required',
  'Confirm with your second factor first',
) {}

export class NotAllowed extends fixedError('forbidden', 'not-allowed', 'Your role may not do this') {}

/** A request that changes something came from another site's page, or does not say where from. */
export class ForeignOrigin extends fixedError(
  'forbidden',
  'foreign-origin',
  'This request must come from our own pages: send Origin with our own address',
) {}
