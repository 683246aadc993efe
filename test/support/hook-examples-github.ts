/** What GitHub sends, in its shape (see hook-examples.ts): workflow runs and deployments. Every value is made up. */
import type { HookExample } from './hook-examples.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };

/** A workflow run of GitHub Actions: its own name may be empty, and forks run on a `main` of their own. */
export function githubRunExample(
  state: 'firing' | 'resolved',
  over: { readonly name?: string | null; readonly headRepository?: string } = {},
): HookExample {
  const failed = state === 'firing';
  return {
    headers: githubHeaders('workflow_run', failed ? '1' : '2'),
    body: {
      action: 'completed',
      workflow_run: {
        id: failed ? 4_101 : 4_102,
        name: over.name === undefined ? 'nightly' : over.name,
        node_id: 'WFR_x',
        head_branch: 'main',
        head_sha: '6dcb09b5b57875f334f61aebed695e2e4193db5e',
        path: '.github/workflows/nightly.yml',
        run_number: 88,
        run_attempt: 1,
        event: 'schedule',
        status: 'completed',
        conclusion: failed ? 'failure' : 'success',
        workflow_id: 71_002,
        check_suite_id: 9_001,
        pull_requests: [],
        created_at: '2026-11-22T02:00:00Z',
        updated_at: '2026-11-22T02:01:00Z',
        head_commit: {
          id: '6dcb09b5',
          message: 'prices',
          timestamp: '2026-11-21T18:00:00Z',
          author: { name: 'Ann', email: 'ann@shop.example' },
        },
        repository: { id: 51, full_name: 'acme/shop', private: true },
        head_repository: { id: 51, full_name: over.headRepository ?? 'acme/shop', private: true },
      },
      workflow: { id: 71_002, name: 'nightly', path: '.github/workflows/nightly.yml', state: 'active' },
      repository: githubRepository(),
      organization: { login: 'acme', id: 5 },
      sender: { login: 'ann', id: 6, type: 'User', site_admin: false },
    },
  };
}

/** A deployment, or a state of it. */
export function githubDeployExample(state: 'created' | 'in_progress' | 'success' | 'failure'): HookExample {
  const deployment = {
    id: 9_071,
    sha: 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d',
    ref: 'v1.4.0',
    task: 'deploy',
    payload: {},
    original_environment: 'production',
    environment: 'production',
    description: null,
    creator: { login: 'ann', id: 6, type: 'User' },
    created_at: '2026-11-22T02:00:00Z',
    updated_at: '2026-11-22T02:00:05Z',
    transient_environment: false,
    production_environment: true,
    performed_via_github_app: null,
  };
  const about = {
    deployment,
    workflow: null,
    workflow_run: null,
    repository: githubRepository(),
    sender: { login: 'ann', id: 6 },
  };
  if (state === 'created')
    return { headers: githubHeaders('deployment', '3'), body: { action: 'created', ...about } };
  const status = {
    id: 12,
    state,
    description: '',
    environment: 'production',
    target_url: '',
    log_url: '',
    created_at: '2026-11-22T02:00:09Z',
  };
  return {
    headers: githubHeaders('deployment_status', state),
    body: { action: 'created', deployment_status: status, check_run: null, ...about },
  };
}

function githubHeaders(event: string, delivery: string): Readonly<Record<string, string>> {
  return {
    ...JSON_HEADERS,
    'user-agent': 'GitHub-Hookshot/0a1b2c3',
    'x-github-event': event,
    'x-github-delivery': `d-${event}-${delivery}`,
    'x-github-hook-id': '41',
  };
}

function githubRepository(): object {
  return {
    id: 51,
    name: 'shop',
    full_name: 'acme/shop',
    private: true,
    default_branch: 'main',
    owner: { login: 'acme', id: 5 },
    fork: false,
  };
}
