/** Which events may turn out to be why something else happens, in words for "likely causes". Pure. */
import type { Actor } from '../domain/approval.ts';
import type { Freeze, OpsEvent } from '../domain/events.ts';
import type { NoteKind } from '../monitor/causes.ts';

export interface PossibleCause {
  readonly text: string;
  readonly kind: NoteKind;
  readonly target: string | null;
}

/** What just happened and may turn out to be why something else happens. */
export function possibleCause(event: OpsEvent): PossibleCause | null {
  switch (event.type) {
    case 'worker.exited':
      return {
        text: `worker ${event.worker} ended (${event.how})`,
        kind: 'exit',
        target: event.worker,
      };
    case 'worker.started':
      return event.adopted
        ? null
        : { text: `worker ${event.worker} started`, kind: 'start', target: event.worker };
    case 'deploy.changed':
      return { text: event.text, kind: 'deploy', target: event.target };
    case 'config.reloaded':
      return { text: 'the configuration of Nightshift was reloaded', kind: 'config', target: null };
    case 'mode.changed':
      return { text: `the mode became ${event.mode}${byWhom(event.by)}`, kind: 'config', target: null };
    case 'freeze.changed':
      return { text: freezeText(event.freeze, event.by), kind: 'maintenance', target: null };
    case 'maintenance.changed': {
      const { target, window, by } = event;
      const what = `maintenance of ${target ?? 'this host'}`;
      const text =
        window === null ? `${what} was ended${byWhom(by)}` : `${what} began${because(window.reason)}`;
      return { text, kind: 'maintenance', target };
    }
    case 'restore.started':
      return { text: `a restore began (${event.text})`, kind: 'action', target: null };
    case 'restore.finished':
    case 'restore.rolled_back':
      return { text: `a restore ended (${event.text})`, kind: 'action', target: null };
    case 'throttle.changed':
      return event.state.acting
        ? { text: `throttle: ${event.state.rung}`, kind: 'action', target: null }
        : null;
    case 'action.started':
      return event.dryRun
        ? null
        : { text: `action: ${event.plan.effect}`, kind: 'action', target: event.plan.target };
    default:
      return null;
  }
}

function freezeText(freeze: Freeze | null, by: Actor | null): string {
  if (freeze === null) return `the freeze was lifted${byWhom(by)}`;
  const what = freeze.scope === 'all' ? 'everything' : freeze.scope;
  return `${what} was frozen by ${freeze.by}${because(freeze.reason)}`;
}

function byWhom(by: Actor | null): string {
  return by === null ? '' : ` by ${by.person ?? by.id}`;
}

function because(reason: string): string {
  return reason.trim() === '' ? '' : ` (${reason.trim()})`;
}
