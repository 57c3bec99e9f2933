import type { Reply } from '../web.js';
import { typeOf, type Call } from './call.js';
import { GROUPS, type PropertyDefinition } from './property-names.js';
import { notFound, vendorError } from './vendor-error.js';

const shownProperty = (d: PropertyDefinition, at: string) => ({
  ...{ name: d.name, label: d.label, type: d.type, fieldType: d.fieldType, groupName: d.groupName },
  ...{
    description: d.description,
    options: d.options,
    hasUniqueValue: d.hasUniqueValue,
    hubspotDefined: d.hubspotDefined,
  },
  modificationMetadata: {
    archivable: !d.hubspotDefined,
    readOnlyDefinition: d.hubspotDefined,
    readOnlyValue: d.readOnly,
  },
  ...{ archived: false, hidden: false, calculated: false, externalOptions: false, displayOrder: -1, formField: false },
  ...{ createdAt: at, updatedAt: at },
});

export async function listProperties(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  return { status: 200, body: { results: call.portal.definitions(type).map((d) => shownProperty(d, call.at)) } };
}

export async function readProperty(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const found = call.portal.definitions(type).find((d) => d.name === call.params['propertyName']);
  if (!found) throw notFound('property');
  return { status: 200, body: shownProperty(found, call.at) };
}

export async function createProperty(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const given = call.body as Partial<PropertyDefinition> & {
    name: string;
    label: string;
    type: string;
    fieldType: string;
    groupName: string;
  };
  const wrong = (message: string) => vendorError(400, 'VALIDATION_ERROR', message);
  if (!/^[a-z][a-z0-9_]{0,99}$/.test(given.name))
    throw wrong('Property names are lower case letters, digits and underscores');
  if (given.name.startsWith('hs_')) throw wrong('The prefix hs_ is reserved');
  if (!GROUPS[type].includes(given.groupName)) throw wrong(`property group ${given.groupName} does not exist`);
  if (given.type === 'enumeration' && !given.options?.length) throw wrong('An enumeration needs options');
  if (given.hasUniqueValue && given.type !== 'string' && given.type !== 'number')
    throw wrong('Only text and numbers can be unique');
  const definitions = call.portal.definitions(type);
  if (definitions.some((d) => d.name === given.name)) {
    throw vendorError(409, 'OBJECT_ALREADY_EXISTS', `A property named '${given.name}' already exists.`);
  }
  if (given.hasUniqueValue && definitions.filter((d) => d.hasUniqueValue && !d.hubspotDefined).length >= 10) {
    throw wrong('At most ten unique properties an object type');
  }
  const definition: PropertyDefinition = {
    ...{
      name: given.name,
      label: given.label,
      type: given.type,
      fieldType: given.fieldType,
      groupName: given.groupName,
    },
    ...{ description: given.description ?? '', hasUniqueValue: given.hasUniqueValue ?? false },
    ...{ hubspotDefined: false, readOnly: false, options: given.options ?? [] },
  };
  await call.portal.define(type, definition);
  return { status: 201, body: shownProperty(definition, call.at) };
}

export async function listGroups(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const results = GROUPS[type].map((name, displayOrder) => ({ name, label: name, displayOrder, archived: false }));
  return { status: 200, body: { results } };
}
