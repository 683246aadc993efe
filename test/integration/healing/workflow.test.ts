/** trigger_workflow over the real HTTP client against a double as strict as GitHub. */
import { afterEach, describe, expect, it } from 'vitest';
import { incidentId, seconds } from '../../../src/domain/units.ts';
import { createActions } from '../../../src/healing/actions/index.ts';
import { HealingConfig } from '../../../src/healing/config.ts';
import type { Targets } from '../../../src/healing/targets/registry.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createHttpClient } from '../../../src/platform/http-client.ts';
import { type GithubDouble, startGithub } from '../../support/github-double.ts';
import { createMemoryCommands, live } from '../../support/memory-ports.ts';

const TOKEN = 'ghp_0123456789abcdef';
const doubles: GithubDouble[] = [];
afterEach(async () => {
  for (const double of doubles.splice(0)) await double.close();
});

async function run(
  over: { readonly workflow?: string; readonly ref?: string; readonly token?: string } = {},
) {
  const known = { token: TOKEN, repository: 'acme/shop', workflow: 'rollback.yml', ref: 'main' };
  const github = await startGithub(known);
  doubles.push(github);
  const clock = createSystemClock();
  const actions = createActions({
    targets: {} as Targets,
    commands: createMemoryCommands(),
    http: createHttpClient({ clock }),
    config: live(
      HealingConfig.parse({
        github: { repository: 'acme/shop', ref: over.ref ?? 'main', apiUrl: github.url },
      }),
    ),
    host: 'web-1',
    snapshots: { take: async () => ({ kind: 'dry-run' }) },
    hasProgram: () => true,
    githubToken: () => over.token ?? TOKEN,
  });
  const outcome = await actions.run(
    {
      kind: 'trigger_workflow',
      workflow: over.workflow ?? 'rollback.yml',
      target: null,
      timeLimit: seconds(5),
      needsApproval: false,
    },
    { target: null, incidentId: incidentId('inc-1') },
    new AbortController().signal,
  );
  return { outcome, taken: github.taken };
}

describe('trigger_workflow', () => {
  it('is taken by GitHub as it is sent', async () => {
    expect(await run()).toEqual({
      outcome: { kind: 'succeeded', note: 'GitHub took it' },
      taken: ['rollback.yml@main'],
    });
  });

  it.each([
    [{ workflow: 'gone.yml' }, 404],
    [{ ref: 'gone' }, 422],
    [{ token: 'ghp_wrong' }, 401],
  ])('fails with the answer where GitHub refuses: %j', async (over, status) => {
    const { outcome, taken } = await run(over);
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining(String(status)) });
    expect(JSON.stringify(outcome)).not.toContain('ghp_');
    expect(taken).toEqual([]);
  });
});
