import { applyDecorators, SetMetadata, type Type } from '@nestjs/common';

/** On a route that answers with server-sent events, once for each: its name and the class its data has, for openapi.json. */
export const EventStream = (name: string, data: Type): MethodDecorator =>
  applyDecorators(SetMetadata(`avtala:event-stream:${name}`, data));
