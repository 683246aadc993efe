/**
 * GitHub: deployments and their states, and failed workflow runs on the default branch.
 * https://docs.github.com/webhooks/webhook-events-and-payloads
 */
import { z } from 'zod';
import {
  type HookAlert,
  type HookDeploy,
  type HookInput,
  type HookReading,
  NOTHING_READ,
} from '../message.ts';
import { reading } from '../read-body.ts';

const text = z.string().max(500);
const repository = z.object({ full_name: text, default_branch: text.optional() });
const deployment = z.object({ id: z.int(), environment: text, ref: text, sha: text.optional() });

const created = z.object({ action: text.optional(), deployment, repository });
const status = z.object({
  action: text.optional(),
  deployment_status: z.object({ state: text }),
  deployment,
  repository,
});
const workflow = z.object({
  action: text,
  workflow_run: z.object({
    id: z.int(),
    workflow_id: z.int(),
    name: text.nullish(),
    head_branch: text.nullish(),
    conclusion: text.nullish(),
    head_repository: z.object({ full_name: text }).nullish(),
  }),
  workflow: z.object({ name: text.nullish() }).nullish(),
  repository,
});

export function readGithub(input: HookInput): HookReading {
  const delivery = input.headers['x-github-delivery'] ?? input.digest;
  switch (input.headers['x-github-event']) {
    case undefined:
      return { kind: 'bad', reason: 'the header X-GitHub-Event is missing' };
    case 'deployment':
      return reading(created, input.body, (sent) => deploysRead(deployOf(sent, 'started', delivery)));
    case 'deployment_status':
      return reading(status, input.body, (sent) => {
        const state = STATES[sent.deployment_status.state];
        return state === undefined ? NOTHING_READ : deploysRead(deployOf(sent, state, delivery));
      });
    case 'workflow_run':
      return reading(workflow, input.body, (sent) => workflowRead(sent, delivery));
    default:
      // Ping and everything else that a broad subscription sends.
      return NOTHING_READ;
  }
}

const STATES: Readonly<Record<string, HookDeploy['state']>> = {
  queued: 'started',
  pending: 'started',
  in_progress: 'started',
  success: 'succeeded',
  inactive: 'succeeded',
  failure: 'failed',
  error: 'failed',
};

function deploysRead(deploy: HookDeploy): HookReading {
  return { kind: 'read', alerts: [], deploys: [deploy] };
}

function deployOf(
  sent: {
    readonly deployment: z.output<typeof deployment>;
    readonly repository: z.output<typeof repository>;
  },
  state: HookDeploy['state'],
  eventId: string,
): HookDeploy {
  const { id, environment, ref } = sent.deployment;
  const { full_name: name } = sent.repository;
  const word = { started: 'started', succeeded: 'finished', failed: 'failed' }[state];
  return {
    eventId,
    id: `${name}#${id}`,
    repository: name,
    environment,
    state,
    text: `deploy of ${name} (${ref}) to ${environment} ${word}`,
  };
}

/** A run that fails on the default branch is trouble until a later one there succeeds. */
function workflowRead(sent: z.output<typeof workflow>, eventId: string): HookReading {
  const { workflow_run: run, repository: repo } = sent;
  if (sent.action !== 'completed' || !isOurDefaultBranch(sent)) return NOTHING_READ;
  const failed = ['failure', 'timed_out', 'startup_failure'].includes(run.conclusion ?? '');
  if (!failed && run.conclusion !== 'success') return NOTHING_READ;
  // The name of a run may be empty; that of its workflow is not.
  const name = [run.name, sent.workflow?.name].find((said) => said) ?? 'workflow';
  const alert: HookAlert = {
    fingerprint: `${repo.full_name}/${run.workflow_id}`,
    eventId,
    name,
    state: failed ? 'firing' : 'resolved',
    severity: 'warning',
    labels: { repository: repo.full_name, workflow: name },
    text: `${name} of ${repo.full_name} ${failed ? 'failed' : 'succeeded'} on ${run.head_branch}`,
    startedAt: null,
  };
  return { kind: 'read', alerts: [alert], deploys: [] };
}

/** A fork has a `main` of its own: a pull request from there says nothing of ours. */
function isOurDefaultBranch({ workflow_run: run, repository: repo }: z.output<typeof workflow>): boolean {
  const from = run.head_repository?.full_name ?? repo.full_name;
  return from === repo.full_name && run.head_branch === (repo.default_branch ?? 'main');
}
