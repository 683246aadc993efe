import { describe, expect, it } from 'vitest';
import { type Caller, createCredentials, refuseWrite } from '../../../../src/bot/web/credentials.ts';
import type { ScopedToken } from '../../../../src/bot/web/deps.ts';
import { digestOf, type Sessions } from '../../../../src/bot/web/session.ts';
import { epochMs } from '../../../../src/domain/units.ts';
import { actor } from '../../../support/builders.ts';
import { live } from '../../../support/memory-ports.ts';

const CSRF = 'c'.repeat(64);
const SCOPED: ScopedToken = { name: 'grafana', scopes: ['read'], token: 'a-token-that-may-read' };
const scopedTokens = live<readonly ScopedToken[]>([SCOPED]);
const scopedGrant = { kind: 'token', name: SCOPED.name, digest: digestOf(SCOPED.token) } as const;
const sessions = {
  find: (id: string) =>
    id === 'good'
      ? { grant: { kind: 'local' }, expiresAt: epochMs(0), csrf: CSRF }
      : id === 'scoped'
        ? { grant: scopedGrant, expiresAt: epochMs(0), csrf: CSRF }
        : undefined,
} as Sessions;
const credentials = createCredentials({
  apiToken: 'the-local-token',
  scopedTokens,
  config: live({ people: [], groups: [] }),
  sessions,
});
const identify = (authorization?: string, cookie?: string): Caller | undefined =>
  credentials.identify({ authorization, cookie });

describe('createCredentials', () => {
  it('gives the local token every role, in the API and in the console', () => {
    expect(identify('Bearer the-local-token')).toMatchObject({
      via: 'bearer',
      actor: { surface: 'api', id: 'local-token' },
    });
    expect(identify(undefined, 'good')).toMatchObject({
      via: 'session',
      actor: { surface: 'web', roles: { length: 4 } },
    });
  });

  it('gives a scoped token its scopes only', () => {
    expect(identify(`bearer ${SCOPED.token}`)?.actor).toMatchObject({
      id: 'token:grafana',
      roles: ['viewer'],
      person: null,
    });
  });

  it.each(['Bearer wrong', 'Bearer ', 'Bearer the-local-token x', 'Basic the-local-token', ''])(
    'takes %j for nobody, even beside a good cookie',
    (authorization) => expect(identify(authorization, 'good')).toBeUndefined(),
  );

  it('ends a session with the scoped token it was opened by', () => {
    expect(identify(undefined, 'scoped')?.actor.id).toBe('token:grafana');

    scopedTokens.set([{ ...SCOPED, token: 'replaced-by-another-one' }]);

    expect(identify(undefined, 'scoped')).toBeUndefined();
    scopedTokens.set([SCOPED]);
  });
});

describe('refuseWrite', () => {
  const session: Caller = {
    via: 'session',
    id: 'good',
    actor: actor(),
    grant: { kind: 'local' },
    session: { grant: { kind: 'local' }, expiresAt: epochMs(0), csrf: CSRF },
  };
  const proof = {
    csrf: CSRF,
    origin: 'http://127.0.0.1:8787',
    host: '127.0.0.1:8787',
    fetchSite: 'same-origin',
  };

  it('lets our own page write', () => {
    expect(refuseWrite(session, proof)).toBeNull();
    expect(refuseWrite(session, { ...proof, fetchSite: undefined })).toBeNull();
  });

  it('asks a bearer token for nothing more', () => {
    const caller: Caller = { via: 'bearer', actor: actor(), grant: { kind: 'local' } };

    expect(
      refuseWrite(caller, { csrf: undefined, origin: undefined, host: undefined, fetchSite: undefined }),
    ).toBeNull();
  });

  it.each([
    ['no CSRF token', { csrf: undefined }],
    ['a wrong CSRF token', { csrf: 'd'.repeat(64) }],
    ['no Origin', { origin: undefined }],
    ['another Origin', { origin: 'http://127.0.0.1:9999' }],
    ['a null Origin', { origin: 'null' }],
    ['another site', { fetchSite: 'cross-site' }],
    ['the same site on another port', { fetchSite: 'same-site' }],
  ])('refuses a write with %s', (_name, wrong) => {
    expect(refuseWrite(session, { ...proof, ...wrong })).not.toBeNull();
  });
});
