import type { Document } from 'openapi-backend';

// What we know of the vendor's 2026-09 paths, in our own words: the routes of the stand-in, and the check that is left on a machine
// without HUBSPOT_SPEC_DIR. With it, every request is checked against the vendor's own files as well.

type Schema = Record<string, unknown>;
const text: Schema = { type: 'string' };
const values: Schema = { type: 'object', additionalProperties: text };
const list = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more });
const closed = (required: string[], properties: Record<string, Schema>): Schema => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
});
const batch = (item: Schema): Schema => closed(['inputs'], { inputs: list(item, { minItems: 1, maxItems: 100 }) });

const id = closed(['id'], { id: text });
const spec = closed(['associationCategory', 'associationTypeId'], {
  associationCategory: { type: 'string', enum: ['HUBSPOT_DEFINED', 'INTEGRATOR_DEFINED', 'USER_DEFINED', 'WORK'] },
  associationTypeId: { type: 'integer' },
});
const associations = list(closed(['to', 'types'], { to: id, types: list(spec) }));
const traced = { objectWriteTraceId: text, properties: values };
const update = closed(['id', 'properties'], { id: text, idProperty: text, ...traced });
const create = closed(['associations', 'properties'], { associations, properties: values });
const filter = closed(['operator', 'propertyName'], {
  propertyName: text,
  operator: {
    type: 'string',
    enum: [
      ...['EQ', 'NEQ', 'IN', 'NOT_IN', 'LT', 'LTE', 'GT', 'GTE', 'BETWEEN'],
      ...['HAS_PROPERTY', 'NOT_HAS_PROPERTY', 'CONTAINS_TOKEN', 'NOT_CONTAINS_TOKEN'],
    ],
  },
  value: text,
  highValue: text,
  values: list(text),
});
const search = closed(['after', 'filterGroups', 'limit', 'properties', 'sorts'], {
  after: text,
  filterGroups: list(closed(['filters'], { filters: list(filter) })),
  limit: { type: 'integer' },
  properties: list(text),
  sorts: list(text),
  query: text,
});
const read = closed(['inputs', 'properties', 'propertiesWithHistory'], {
  inputs: list(id, { minItems: 1, maxItems: 100 }),
  properties: list(text),
  propertiesWithHistory: list(text),
  idProperty: text,
});
const property = closed(['fieldType', 'groupName', 'label', 'name', 'type'], {
  ...{ name: text, label: text, groupName: text, description: text, calculationFormula: text },
  type: { type: 'string', enum: ['bool', 'date', 'datetime', 'enumeration', 'number', 'phone_number', 'string'] },
  fieldType: {
    type: 'string',
    enum: [
      ...['booleancheckbox', 'calculation_equation', 'checkbox', 'date', 'file', 'html', 'number'],
      ...['phonenumber', 'radio', 'select', 'text', 'textarea'],
    ],
  },
  ...{ hasUniqueValue: { type: 'boolean' }, hidden: { type: 'boolean' }, formField: { type: 'boolean' } },
  ...{ externalOptions: { type: 'boolean' }, displayOrder: { type: 'integer' }, referencedObjectType: text },
  dataSensitivity: { type: 'string', enum: ['highly_sensitive', 'non_sensitive', 'sensitive'] },
  options: list(
    closed(['displayOrder', 'hidden', 'label', 'value'], {
      ...{ displayOrder: { type: 'integer' }, hidden: { type: 'boolean' } },
      ...{ label: text, value: text, description: text },
    }),
  ),
});
const pair = closed(['from', 'to'], { from: id, to: id });

const one = { properties: list(text), propertiesWithHistory: list(text), associations: list(text) };
const flags = { archived: { type: 'boolean' }, idProperty: text };
const paged = { limit: { type: 'integer' }, after: text };

const OBJECTS = '/crm/objects/2026-09/{objectType}';
const OBJECT = `${OBJECTS}/{objectId}`;
const LINKS = '/crm/associations/2026-09/{fromObjectType}/{toObjectType}/batch';
const LINK = '/associations/{toObjectType}/{toObjectId}';
const PROPERTIES = '/crm/properties/2026-09/{objectType}';

/** method, path template, body, query parameters */
const OPERATIONS: [string, string, Schema?, Record<string, Schema>?][] = [
  ['post', `${OBJECTS}/batch/create`, batch(closed(['associations', 'properties'], { associations, ...traced }))],
  ['post', `${OBJECTS}/batch/read`, read, { archived: flags.archived }],
  ['post', `${OBJECTS}/batch/update`, batch(update)],
  ['post', `${OBJECTS}/batch/upsert`, batch(update)],
  ['post', `${OBJECTS}/batch/archive`, batch(id)],
  ['post', `${OBJECTS}/search`, search],
  ['post', `${OBJECTS}/gdpr-delete`, closed(['objectId'], { objectId: text, idProperty: text })],
  [
    'post',
    `${OBJECTS}/merge`,
    closed(['objectIdToMerge', 'primaryObjectId'], { objectIdToMerge: text, primaryObjectId: text }),
  ],
  ['get', OBJECTS, undefined, { ...one, ...paged, archived: flags.archived }],
  ['post', OBJECTS, create],
  ['get', OBJECT, undefined, { ...one, ...flags }],
  ['patch', OBJECT, closed(['properties'], { properties: values }), { idProperty: text }],
  ['delete', OBJECT],
  ['put', '/crm/objects/2026-09/{fromObjectType}/{fromObjectId}/associations/default/{toObjectType}/{toObjectId}'],
  ['delete', `${OBJECT}${LINK}`],
  ['post', `${LINKS}/associate/default`, batch(pair)],
  ['post', `${LINKS}/read`, batch(closed(['id'], { id: text, after: text }))],
  ['post', `${LINKS}/archive`, batch(closed(['from', 'to'], { from: id, to: list(id) }))],
  ['get', PROPERTIES, undefined, { archived: flags.archived, properties: text, dataSensitivity: text, locale: text }],
  ['post', PROPERTIES, property],
  ['get', `${PROPERTIES}/groups`, undefined, { locale: text }],
  ['get', `${PROPERTIES}/{propertyName}`, undefined, { archived: flags.archived, properties: text }],
  ['get', '/account-info/2026-03/details'],
];

/** Method and path template of everything the stand-in answers, most particular first. */
export const TEMPLATES: readonly [method: string, template: string][] = OPERATIONS.map(([m, t]) => [
  m.toUpperCase(),
  t,
]);

/** Our own words as an OpenAPI document, for the same validator that reads the vendor's. */
export function ownContract(): Document {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [method, template, body, query = {}] of OPERATIONS) {
    const inPath = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: text,
    }));
    const inQuery = Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema }));
    (paths[template] ??= {})[method] = {
      operationId: `${method} ${template}`,
      parameters: [...inPath, ...inQuery],
      ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
      responses: { default: { description: '' } },
    };
  }
  return { openapi: '3.0.3', info: { title: 'HubSpot stand-in', version: '2026-09' }, paths } as unknown as Document;
}
