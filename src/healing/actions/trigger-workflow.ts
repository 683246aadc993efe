/** Starts a GitHub Actions workflow by its dispatch event. GitHub says only that it took it: 204, no run id. */
import { failed, succeeded } from '../targets/driver.ts';
import { toOutcome } from '../targets/http.ts';
import { type ActionDoors, type ActionOf, type ActionSpec, hasNoInverse } from './action.ts';

type TriggerWorkflow = ActionOf<'trigger_workflow'>;

export function triggerWorkflow(doors: ActionDoors): ActionSpec<TriggerWorkflow> {
  return {
    describe(action) {
      const github = doors.config.current().github;
      if (github === null)
        return { kind: 'cannot', reason: 'github is not configured in healing_strategies.json' };
      if (doors.githubToken() === null) return { kind: 'cannot', reason: 'there is no GITHUB_TOKEN' };
      return {
        kind: 'can',
        effect: `start workflow ${action.workflow} of ${github.repository} on ${github.ref}`,
        undo: null,
        idempotent: false,
        forks: false,
        touches: true,
        heals: true,
        needsApproval: action.needsApproval,
      };
    },
    async run(action, _place, signal) {
      const github = doors.config.current().github;
      const token = doors.githubToken();
      if (github === null || token === null) return failed('github is not configured any more');
      const result = await doors.http.request({
        url: `${github.apiUrl}/repos/${github.repository}/actions/workflows/${action.workflow}/dispatches`,
        method: 'POST',
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'x-github-api-version': '2022-11-28',
        },
        body: JSON.stringify({ ref: github.ref }),
        timeLimit: action.timeLimit,
        signal,
      });
      const outcome = toOutcome(result);
      return outcome.kind === 'succeeded' ? succeeded('GitHub took it') : outcome;
    },
    undo: (action) => hasNoInverse(action.kind),
  };
}
