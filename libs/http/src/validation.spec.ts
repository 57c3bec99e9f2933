import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsInt, IsObject, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { ReadQuickly, validationPipe } from './validation.js';

class Inner {
  @IsUUID() id!: string;
}
class Outer {
  @IsObject() @ValidateNested() @Type(() => Inner) inner!: Inner;
}

test.each([
  ['a list instead of an object with an object in it', [{ inner: { id: 'x' } }]],
  ['a list inside', { inner: [[{ id: 'x' }]] }],
  ['nothing inside', { inner: null }],
])('%s is refused', async (_, body) => {
  const refused = validationPipe().transform(body, { type: 'body', metatype: Outer });
  await expect(refused).rejects.toMatchObject({ code: 'request-invalid', kind: 'invalid' });
});

@ReadQuickly()
class Quick {
  @IsString() name!: string;
  @IsOptional() @IsInt() age?: number | null;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => Inner) inner?: Inner;
}
class Slow {
  @IsString() name!: string;
  @IsOptional() @IsInt() age?: number | null;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => Inner) inner?: Inner;
}
const ID = '019a0000-0000-7000-8000-000000000001';

test.each<[string, unknown]>([
  ['flat', { name: 'Ada', age: 36 }],
  ['null for what may be left out', { name: 'Ada', age: null }],
  ['with an object inside', { name: 'Ada', inner: { id: ID } }],
  ['with a wrong object inside', { name: 'Ada', inner: { id: 'x' } }],
  ['with an unknown field', { name: 'Ada', admin: true }],
  ['with an unknown field inside', { name: 'Ada', inner: { id: ID, admin: true } }],
  ['of the wrong kind', { name: 7, age: 1.5 }],
  ['nothing', {}],
  ['a list', [{ name: 'Ada' }]],
  ['no object', 'Ada'],
])('read quickly or not, a body comes to the same: %s', async (_, body) => {
  const read = (metatype: typeof Quick | typeof Slow) =>
    validationPipe()
      .transform(structuredClone(body), { type: 'body', metatype })
      .then((value: object) => ({ is: value instanceof metatype, value: { ...value } }))
      .catch((error: { fields?: unknown; details?: unknown; message: string }) => ({ error: { ...error } }));
  expect(await read(Quick)).toEqual(await read(Slow));
});
