import type { KeyPrincipal, Principal } from '@avtala/access';
import { GROUNDS, IsInstant, type Ground } from '@avtala/contracts';
import { RequestInvalid } from '@avtala/http';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, Matches, MaxLength, ValidateNested } from 'class-validator';
import { ProvenanceFixed } from '../domain/errors.js';
import type { StatedProvenance } from '../services/provenance.js';

/** Blanks are no answer to a question the law asks. */
export const SAYS_SOMETHING = /[\p{L}\p{N}]/u;

/** Proof of consent (B4): what was agreed to, how and when. About the wording, never about the person. */
class ConsentProof {
  @Matches(SAYS_SOMETHING) @MaxLength(100) version!: string;
  @Matches(SAYS_SOMETHING) @MaxLength(2000) wording!: string;
  @Matches(SAYS_SOMETHING) @MaxLength(500) how!: string;
  @IsInstant() givenAt!: string;
  @Matches(SAYS_SOMETHING) @MaxLength(500) proof!: string;
}

/** What B2 and B3 ask for, on single leads and on files alike. */
export class Stated {
  /** Where the data came from: a public source, a supplier, a form, the client. Asked of everybody but API keys, which have it fixed. */
  @IsOptional() @Matches(SAYS_SOMETHING) @MaxLength(500) source?: string;
  /** Who handed it over, when that is somebody else than the source. */
  @IsOptional() @Matches(SAYS_SOMETHING) @MaxLength(100) supplier?: string;
  /** Asked of everybody but API keys. */
  @IsOptional() @IsIn(GROUNDS) ground?: Ground;
  @IsOptional() @IsInstant() obtainedAt?: string;
  // IsObject, since a list of no proofs would be valid one by one.
  @IsOptional() @IsObject() @ValidateNested() @Type(() => ConsentProof) consentWording?: ConsentProof;
}

/** What is said about the origin of data, or what the caller's key says of it.
 * @throws RequestInvalid a person who leaves it out; ProvenanceFixed a key that says something else */
export function statedBy(
  caller: Principal | KeyPrincipal,
  said: { [K in keyof Stated]?: Stated[K] | undefined },
): StatedProvenance {
  const { source, supplier, ground, obtainedAt, consentWording } = said;
  const more = { ...(obtainedAt ? { obtainedAt } : {}), ...(consentWording ? { consentWording } : {}) };
  if (caller.kind === 'key') {
    const fixed = caller.provenance;
    const differs = (text: string | undefined, own: string) => text != null && text.trim() !== own;
    if (differs(source, fixed.source) || differs(supplier, fixed.supplier) || differs(ground, fixed.ground))
      throw new ProvenanceFixed();
    return { ...fixed, ...more };
  }
  const absent = (['source', 'ground'] as const).filter((field) => said[field] == null);
  if (source == null || ground == null)
    throw new RequestInvalid(
      absent.map((field) => ({ field, rule: 'isDefined', message: `${field} should not be null or undefined` })),
    );
  return { source, ground, ...(supplier ? { supplier } : {}), ...more };
}
