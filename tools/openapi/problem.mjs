/** The body of every refusal (libs/http). */
export const PROBLEM = {
  type: 'object',
  description: 'What was wrong and what to do about it; never a value that was sent.',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'number' },
    code: { type: 'string', description: 'Stable: a program may decide by it.' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, rule: { type: 'string' }, message: { type: 'string' } },
        required: ['field', 'message'],
      },
    },
  },
  required: ['title', 'status', 'code'],
};
