/** What is going on, who you are, what this is. */
import { z } from 'zod';
import type { MetricNow, OpsControls, Status } from '../../domain/controls.ts';
import { subjectOf } from '../../domain/metric.ts';
import { days, type Ms, minutes, toIso } from '../../domain/units.ts';
import { rangeWords, spanWords } from '../figures.ts';
import { statusView } from '../status-views.ts';
import type { Command } from './command.ts';
import { entry } from './entry.ts';
import { span, word } from './options.ts';
import { ok } from './replies.ts';
import { statusText } from './status-text.ts';

export const STATUS_COMMANDS: readonly Command[] = [
  entry({
    words: ['status'],
    summary: 'What waits for you, what is open, and the host against what is normal',
    role: 'viewer',
    options: z.strictObject({
      target: word('only this target').optional(),
      window: span('also the range of each metric over this time', minutes(1), days(7)).optional(),
    }),
    positional: ['target'],
    changes: false,
    example: 'status --window 1h',
    async run({ target, window }, { controls }) {
      const status = narrowed(controls.status(), target);
      const ranges = new Map(
        window === undefined
          ? []
          : status.metrics.map((metric) => [metric.metric, range(controls, metric, window)]),
      );
      return ok(statusText(status, ranges), statusView(status));
    },
  }),
  entry({
    words: ['host', 'list'],
    summary: 'The hosts that report here',
    role: 'viewer',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'host list',
    async run(_, { controls }) {
      const { host, version, mode, startedAt, now } = controls.status();
      const text = `${host}  Nightshift ${version}  ${mode}  up ${spanWords((now - startedAt) as Ms)}`;
      return ok(text, { hosts: [{ host, version, mode, startedAt: toIso(startedAt) }] });
    },
  }),
];

export const SELF_COMMANDS: readonly Command[] = [
  entry({
    words: ['whoami'],
    summary: 'Who Nightshift thinks you are, and what you may do',
    role: 'viewer',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'whoami',
    async run(_, { actor }) {
      const person = actor.person === null ? 'not mapped to a person' : `mapped to ${actor.person}`;
      const text = `${actor.display} (${actor.surface} ${actor.id}), ${person}. Roles: ${actor.roles.join(', ')}.`;
      return ok(text, { ...actor });
    },
  }),
  entry({
    words: ['version'],
    summary: 'The version of Nightshift that answers',
    role: 'viewer',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'version',
    async run(_, { controls }) {
      const { version, host } = controls.status();
      return ok(`Nightshift ${version} on ${host}`, { version, host });
    },
  }),
];

/** The status of one target: its incidents, decisions and metrics. */
function narrowed(status: Status, target: string | undefined): Status {
  if (target === undefined) return status;
  return {
    ...status,
    incidents: status.incidents.filter((incident) => incident.target === target),
    pendingApprovals: status.pendingApprovals.filter((approval) => approval.plan.target === target),
    standing: status.standing.filter((change) => change.target === target),
    throttle: status.throttle.filter((state) => state.target === target),
    metrics: status.metrics.filter((metric) => subjectOf(metric.metric) === target),
  };
}

function range(controls: OpsControls, metric: MetricNow, window: Ms): string {
  const values = controls
    .history(metric.metric, window)
    .flatMap((sample) => (sample.value === null ? [] : [sample.value]));
  if (values.length === 0) return `unknown in the last ${spanWords(window)}`;
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return `${rangeWords(low, high, metric.unit)} in the last ${spanWords(window)}`;
}
