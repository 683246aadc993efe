/**
 * Host names to addresses for our own requests.
 *
 * The system's resolver works in one of few threads, which writing state needs too, and can take half a minute to
 * give up. So a name is asked once at a time, few names at once, and an answer is kept for a while; when the
 * resolver is busy with names that do not answer, others fail at once.
 */
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { Clock } from '../domain/ports.ts';
import { type Ms, seconds } from '../domain/units.ts';

const KEEP = seconds(30);
const MOST_AT_ONCE = 2;
const MOST_KEPT = 500;

interface Address {
  readonly address: string;
  readonly family: number;
}

export type Resolve = (host: string) => Promise<readonly Address[]>;

export interface NameLookup {
  /** @throws an error with a `code` such as `ENOTFOUND`, or `EBUSY` when the resolver has no thread left. */
  find(host: string): Promise<readonly Address[]>;
}

export function createNameLookup(clock: Clock, resolve: Resolve = askSystem): NameLookup {
  const kept = new Map<string, { readonly found: readonly Address[]; readonly until: Ms }>();
  const asking = new Map<string, Promise<readonly Address[]>>();

  async function ask(host: string): Promise<readonly Address[]> {
    try {
      const found = await resolve(host);
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(host, { found, until: (clock.monotonic() + KEEP) as Ms });
      return found;
    } finally {
      asking.delete(host);
    }
  }

  return {
    async find(host) {
      const family = isIP(host);
      if (family !== 0) return [{ address: host, family }];
      const known = kept.get(host);
      if (known !== undefined && clock.monotonic() < known.until) return known.found;
      const running = asking.get(host);
      if (running !== undefined) return running;
      if (asking.size >= MOST_AT_ONCE) throw busy(host);
      const asked = ask(host);
      asking.set(host, asked);
      return asked;
    },
  };
}

/** In the form that `node:http` asks for. */
export function asLookupFunction(names: NameLookup): LookupFunction {
  return (host, options, done) => {
    names.find(host).then(
      (found) => {
        const [first] = found;
        if (first === undefined) done(notFound(host), '');
        else if (options.all) done(null, [...found]);
        else done(null, first.address, first.family);
      },
      (cause: NodeJS.ErrnoException) => done(cause, ''),
    );
  };
}

async function askSystem(host: string): Promise<readonly Address[]> {
  return lookup(host, { all: true });
}

function busy(host: string): Error {
  return Object.assign(new Error(`the resolver does not answer, ${host} was not asked for`), {
    code: 'EBUSY',
  });
}

function notFound(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
}
