import { AccessOptions } from '@avtala/access';
import { Db } from '@avtala/database';
import { Injectable } from '@nestjs/common';
import type { Library } from './sign-in-library.js';
import { SignInProof } from './sign-in-proof.js';

/** The library behind /api/auth, as one function from request to response; loaded when the first person signs in. */
@Injectable()
export class SignIn {
  #library: Promise<Library> | undefined;

  constructor(
    private readonly db: Db,
    private readonly access: AccessOptions,
    private readonly proof: SignInProof,
  ) {}

  async answer(request: Request): Promise<Response> {
    this.#library ??= import('./sign-in-library.js').then(({ signInLibrary }) =>
      signInLibrary(this.db, this.access, this.proof),
    );
    return (await this.#library).handler(request);
  }
}
