/**
 * Who is asking: a bearer token or a session cookie to an actor with roles. Fails closed: a wrong token is nobody,
 * even where a good cookie came with it. Tokens are compared by their digests in constant time, all of them always.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Actor } from '../../domain/approval.ts';
import type { Live } from '../../domain/ports.ts';
import type { BotConfig } from '../config.ts';
import { localActor, tokenActor } from '../permissions.ts';
import type { ScopedToken } from './deps.ts';
import { digestOf, type Grant, type Session, type Sessions } from './session.ts';

/** The request's own words, as far as they say who asks. */
export interface Claims {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

export type Caller =
  | { readonly via: 'bearer'; readonly actor: Actor; readonly grant: Grant }
  | {
      readonly via: 'session';
      readonly actor: Actor;
      readonly grant: Grant;
      readonly id: string;
      readonly session: Session;
    };

export interface CredentialDeps {
  readonly apiToken: string;
  readonly scopedTokens: Live<readonly ScopedToken[]>;
  readonly config: Live<Pick<BotConfig, 'people' | 'groups'>>;
  readonly sessions: Sessions;
}

export interface Credentials {
  identify(claims: Claims): Caller | undefined;
  /** What a token entitles to, or `undefined` for a wrong one. */
  grantOf(token: string): Grant | undefined;
}

export function createCredentials({ apiToken, scopedTokens, config, sessions }: CredentialDeps): Credentials {
  const localDigest = digestOf(apiToken);

  function grantOf(token: string): Grant | undefined {
    const digest = digestOf(token);
    const scoped = scopedTokens.current().filter((entry) => same(digestOf(entry.token), digest));
    if (same(localDigest, digest)) return { kind: 'local' };
    return scoped[0] && { kind: 'token', name: scoped[0].name, digest };
  }

  function actorOf(grant: Grant, surface: 'web' | 'api'): Actor | undefined {
    if (grant.kind === 'local') return localActor(surface, config.current());
    const token = scopedTokens
      .current()
      .find((entry) => entry.name === grant.name && digestOf(entry.token) === grant.digest);
    return token && { ...tokenActor(token), surface };
  }

  function bearer(header: string): Caller | undefined {
    const token = /^Bearer +([^\s]+)$/i.exec(header)?.[1];
    const grant = token === undefined ? undefined : grantOf(token);
    const actor = grant && actorOf(grant, 'api');
    return grant && actor && { via: 'bearer', actor, grant };
  }

  return {
    grantOf,
    identify({ authorization, cookie }) {
      if (authorization !== undefined) return bearer(authorization);
      const session = cookie === undefined ? undefined : sessions.find(cookie);
      const actor = session && actorOf(session.grant, 'web');
      if (cookie === undefined || session === undefined || actor === undefined) return undefined;
      return { via: 'session', actor, grant: session.grant, id: cookie, session };
    },
  };
}

/** What a write by cookie must prove: that our own page sent it. */
export interface WriteProof {
  readonly csrf: string | undefined;
  readonly origin: string | undefined;
  readonly host: string | undefined;
  readonly fetchSite: string | undefined;
}

/** Why a write may not come in, or `null`. A bearer token is proof enough: no page of another origin has it. */
export function refuseWrite(caller: Caller, proof: WriteProof): string | null {
  if (caller.via === 'bearer') return null;
  if (proof.fetchSite !== undefined && proof.fetchSite !== 'same-origin') {
    return 'This request comes from another site.';
  }
  if (proof.origin === undefined || hostOf(proof.origin) !== proof.host?.toLowerCase()) {
    return 'This request does not come from this console (Origin).';
  }
  if (proof.csrf === undefined || !same(proof.csrf, caller.session.csrf)) {
    return 'The page is out of date (CSRF token). Reload it.';
  }
  return null;
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase();
}

/** Equal length is given away, nothing else; ours are all digests of one length. */
function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
