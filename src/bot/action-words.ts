/** What an action is called when it is proposed and when it was done. One entry a kind, checked by the compiler. */
import { assertNever } from '../domain/errors.ts';
import type { Attempt, WorkKind } from '../domain/strategy.ts';

/** `Restart billing-api`. */
export function actionPhrase(kind: WorkKind, target: string | null): string {
  return phrase(WORDS[kind][0], target);
}

/** `Restarted billing-api`. */
export function actionDone(kind: WorkKind, target: string | null): string {
  return phrase(WORDS[kind][1], target);
}

/** `Restarted billing-api: no effect.` What was done and whether it helped. */
export function attemptSentence(attempt: Attempt): string {
  const asked = actionPhrase(attempt.kind, attempt.target);
  const { outcome } = attempt;
  if (outcome === null) return `${asked}: under way.`;
  switch (outcome.kind) {
    case 'succeeded':
      return `${actionDone(attempt.kind, attempt.target)}: ${verificationWords(attempt)}.`;
    case 'dry-run':
      return `${asked}: dry run, nothing was done.`;
    case 'failed':
      return `${asked}: failed, ${sentenceEnd(outcome.reason)}`;
    case 'unknown':
      return `${asked}: nobody knows whether it ran, ${sentenceEnd(outcome.reason)}`;
    default:
      return assertNever(outcome);
  }
}

function verificationWords(attempt: Attempt): string {
  switch (attempt.verification) {
    case 'helped':
      return 'helped';
    case 'no_effect':
      return 'no effect';
    case 'worse':
      return 'it got worse';
    case 'unknown':
      return 'unknown whether it helped';
    case null:
      return 'being checked';
    default:
      return assertNever(attempt.verification);
  }
}

/** Exactly one full stop at the end. */
export function sentenceEnd(text: string): string {
  const trimmed = text.trim();
  return /[.?!…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function phrase(words: string, target: string | null): string {
  return words.replace('{}', target ?? 'this host');
}

const WORDS: Readonly<Record<WorkKind, readonly [string, string]>> = {
  rate_limit: ['Limit the requests to {}', 'Limited the requests to {}'],
  restart_process: ['Restart {}', 'Restarted {}'],
  clear_cache: ['Clear the cache of {}', 'Cleared the cache of {}'],
  restart_worker: ['Restart {}', 'Restarted {}'],
  llm_fallback: ['Switch {} to its fallback', 'Switched {} to its fallback'],
  restart_service: ['Restart {}', 'Restarted {}'],
  alert: ['Call people about {}', 'Called people about {}'],
  enable_cache: ['Enable the cache of {}', 'Enabled the cache of {}'],
  scale_up_workers: ['Add workers to {}', 'Added workers to {}'],
  redistribute_tasks: ['Redistribute the tasks of {}', 'Redistributed the tasks of {}'],
  save_snapshot: ['Save a snapshot of {}', 'Saved a snapshot of {}'],
  run_command: ['Run a command on {}', 'Ran a command on {}'],
  http_call: ['Call a URL for {}', 'Called a URL for {}'],
  trigger_workflow: ['Start a workflow for {}', 'Started a workflow for {}'],
  restore: ['Restore {}', 'Restored {}'],
  prune: ['Remove {}', 'Removed {}'],
};
