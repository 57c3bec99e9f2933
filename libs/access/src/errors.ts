import { AppError } from '@avtala/contracts';

/** Nobody is signed in: no cookie, a forged or expired one, a session that was ended. One answer for all, so that nothing is learnt. */
export class SignInRequired extends AppError {
  readonly code = 'sign-in-required';
  readonly kind = 'unauthenticated';
  constructor(options?: ErrorOptions) {
    super('Sign in first', {}, options);
  }
}

/** A password alone reaches only the enrolment of a second factor (ASVS 6.3.3). */
export class SecondFactorRequired extends AppError {
  readonly code = 'second-factor-required';
  readonly kind = 'forbidden';
  constructor() {
    super('Set up a second factor first');
  }
}

/** The action needs a fresh proof of who is there (security.md §1.3 rule 9). */
export class StepUpRequired extends AppError {
  readonly code = 'step-up-required';
  readonly kind = 'forbidden';
  constructor() {
    super('Confirm with your second factor first');
  }
}

export class NotAllowed extends AppError {
  readonly code = 'not-allowed';
  readonly kind = 'forbidden';
  constructor() {
    super('Your role may not do this');
  }
}

/** A request that changes something came from another site's page, or does not say where from. */
export class ForeignOrigin extends AppError {
  readonly code = 'foreign-origin';
  readonly kind = 'forbidden';
  constructor() {
    super('This request must come from our own pages: send Origin with our own address');
  }
}
