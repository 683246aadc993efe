/** Limits and baselines of a host that has a cpu and a probe, for tests of the surfaces. */
import type {
  BaselineDesk,
  BaselineView,
  LearntBand,
  LimitDesk,
  LimitPair,
} from '../../src/domain/tuning.ts';
import { after, epochMs, minutes, ms } from '../../src/domain/units.ts';
import { START } from './builders.ts';

const CPU_LIMIT: LimitPair = {
  direction: 'high',
  warn: 0.9,
  critical: 0.98,
  warnAfter: minutes(15),
  criticalAfter: ms(0),
};
const BAND: LearntBand = {
  centre: 0.2,
  spread: 0.04,
  low: 0.08,
  high: 0.32,
  sigmas: 3,
  configuredSigmas: 3,
  offsetSigmas: 2.5,
  rows: 30_000,
  byHour: true,
};

const VIEWS: readonly BaselineView[] = ['cpu', 'latency:billing-api'].map((metric) => ({
  metric,
  unit: metric === 'cpu' ? 'ratio' : 'ms',
  now: metric === 'cpu' ? BAND : { ...BAND, centre: 120, spread: 12, low: 84, high: 156, byHour: false },
  hours:
    metric === 'cpu'
      ? [2, 3].map((hour) => ({ hour, centre: 0.1 * hour, low: 0.1, high: 0.1 * hour + 0.2, rows: 1_200 }))
      : [],
  source: 'history',
  learntAt: START,
  teachingMinutes: 30_000,
  hoursCovered: 24,
  since: null,
}));

export const someBaselines: BaselineDesk = {
  show: (metric) => VIEWS.filter((view) => metric === null || view.metric === metric),
  relearn: async (metric, _, dryRun) =>
    dryRun
      ? { kind: 'would', text: `Would forget what is normal for ${metric}.` }
      : { kind: 'done', text: `What is normal for ${metric} is learnt anew from now on.` },
  collect: async ({ source }, _, dryRun) => ({
    kind: 'collected',
    baselines: VIEWS.map((view) => ({ ...view, source: source.kind })),
    notes: ['swap: 20 minutes are known, 720 are needed'],
    saved: !dryRun,
  }),
};

export const someLimits: LimitDesk = {
  explain: (metric) =>
    metric === 'cpu'
      ? {
          metric,
          unit: 'ratio',
          value: 0.42,
          configured: { ...CPU_LIMIT, entry: 'cpu' },
          override: {
            metric,
            warn: 0.85,
            critical: 0.95,
            until: after(START, minutes(120)),
            by: 'cli:ada',
            at: epochMs(START),
          },
          inForce: { ...CPU_LIMIT, warn: 0.85, critical: 0.95 },
          learnt: BAND,
          applies: 'override',
        }
      : undefined,
  overrides: () => [],
  set: async ({ metric }, _, dryRun) =>
    dryRun
      ? { kind: 'would', text: `Would set the limits of ${metric}.` }
      : { kind: 'done', text: `Limits of ${metric} are set.` },
  reset: async (metric) => ({ kind: 'done', text: `The configured limits of ${metric} hold again.` }),
};
