/** Where baselines are to be collected from, as a person said it, or what is wrong with that. Pure. */
import { isAbsolute } from 'node:path';
import type { CollectSource } from '../../domain/tuning.ts';
import type { Reply } from './command.ts';
import { badOption, refused } from './replies.ts';

const QUERY = /^([A-Za-z][A-Za-z0-9_]{0,62}(?::[A-Za-z0-9_./-]{1,100})?)=(.+)$/s;

interface Given {
  readonly input?: string | undefined;
  readonly prometheus?: string | undefined;
  readonly query?: string | undefined;
}

export function sourceOf(given: Given, surface: string): CollectSource | Reply {
  const { input, prometheus, query } = given;
  if (input === undefined) {
    return prometheus === undefined && query === undefined
      ? { kind: 'history' }
      : prometheusSource(prometheus, query);
  }
  if (prometheus !== undefined || query !== undefined)
    return badOption('input and prometheus: expected one of them, found both.');
  return csvSource(input, surface);
}

function csvSource(path: string, surface: string): CollectSource | Reply {
  if (surface !== 'cli' && surface !== 'api')
    return refused('A file of this host is read at its terminal only.', { reason: 'TERMINAL_ONLY' });
  return isAbsolute(path)
    ? { kind: 'csv', path }
    : badOption(`input: expected an absolute path, found "${path}".`);
}

function prometheusSource(url: string | undefined, query: string | undefined): CollectSource | Reply {
  if (url !== undefined && !/^https?:\/\/[^\s]+$/.test(url))
    return badOption(`prometheus: expected an http or https address, found "${url}".`);
  if (query === undefined) return { kind: 'prometheus', url: url ?? null, queries: [] };
  const match = QUERY.exec(query);
  if (match === null) return badOption(`query: expected NAME=EXPR, found "${query}".`);
  if (url === undefined) return badOption('query: expected the address of a server in prometheus.');
  const [, metric = '', expr = ''] = match;
  return { kind: 'prometheus', url, queries: [{ metric, expr }] };
}
