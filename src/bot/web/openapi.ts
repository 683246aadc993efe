/** `GET /api/openapi.json`: the route table as OpenAPI 3.0, so that what is documented is what is checked. Pure. */
import { z } from 'zod';
import type { Answer } from './answers.ts';
import type { Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

/** What options of the command table carry beside their schema, for help texts; not part of JSON Schema. */
const OWN_KEYS = ['summary', 'choices', 'expected', 'greedy'];

const ERROR: Json = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'string' }, message: { type: 'string' }, details: {} },
    },
  },
};

/** What the document needs of a route. */
export type DescribedRoute = Pick<Route, 'method' | 'path' | 'summary' | 'role' | 'body' | 'query'>;

/** `answers` by `METHOD /path`, as in the table. */
export function openApi(
  routes: readonly DescribedRoute[],
  answers: Readonly<Record<string, Answer>>,
  version: string,
): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const entry of routes) {
    const path = entry.path.replace(/:([a-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [entry.method.toLowerCase()]: operation(entry, answers) };
  }
  return {
    openapi: '3.0.3',
    info: { title: 'Nightshift', version },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: ERROR },
    },
  };
}

function operation(entry: DescribedRoute, answers: Readonly<Record<string, Answer>>): Json {
  return {
    summary: entry.summary,
    ...(entry.role !== 'public' && { security: [{ token: [] }], 'x-role': entry.role }),
    parameters: [...pathParameters(entry.path), ...queryParameters(entry.query)],
    ...(entry.body && {
      requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(entry.body) } } },
    }),
    responses: {
      ...done(answers[`${entry.method} ${entry.path}`]),
      default: {
        description: 'Not done; the code says why.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function done(answer: Answer | undefined): Json {
  if (answer === undefined) return { '2XX': { description: 'Done.' } };
  const content = { [answer.type]: { schema: jsonSchema(answer.schema) } };
  return { [answer.status]: { description: 'Done.', content } };
}

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/:([a-z]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType | undefined): readonly Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(query) as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

/** What goes in, before any transform of ours; for answers the same, so that a new field breaks no client. */
function jsonSchema(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema: made }) => {
      for (const key of OWN_KEYS) Reflect.deleteProperty(made, key);
    },
  }) as Json;
}
