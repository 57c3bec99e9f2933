import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsObject, IsUUID, ValidateNested } from 'class-validator';
import { validationPipe } from './validation.js';

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
