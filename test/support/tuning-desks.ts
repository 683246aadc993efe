/** Limits and baselines of a host that has a cpu and a probe, for tests of the surfaces. */

import type { ReplayDesk } from '../../src/domain/rehearsal.ts';
import type { ReportDesk } from '../../src/domain/report.ts';
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

export const someReplays: ReplayDesk = {
  stop: () => false,
  run: async (request) => ({
    kind: 'replayed',
    summary: {
      request,
      from: epochMs(START - 86_400_000),
      to: START,
      rows: 8_640,
      metrics: 24,
      configHash: 'abc',
      anomalies: 3,
      infos: 2,
      took: ms(2_100),
      incidents: [
        {
          id: 'inc-7f3a',
          title: 'billing-api is slow',
          target: 'billing-api',
          kind: 'high_latency',
          severity: 'warning',
          openedAt: epochMs(START - 3_600_000),
          endedAt: epochMs(START - 1_800_000),
          state: 'Over',
          strategy: 'high_latency',
          paged: true,
          actions: [
            {
              at: epochMs(START - 3_600_000),
              rung: 0,
              action: 'enable_cache',
              target: 'billing-api',
              effect: 'POST http://127.0.0.1:9/cache',
              verification: 'no_effect',
            },
          ],
          timeline: [
            {
              at: epochMs(START - 3_500_000),
              tone: 'bad',
              text: 'Handed to a person: nothing is left to try.',
            },
          ],
        },
      ],
    },
  }),
};

export const someReports: ReportDesk = {
  write: async (kind) => ({
    kind: 'written',
    title: `${kind === 'anomaly' ? 'Anomaly detection' : `The ${kind} report`} on web-1`,
    summary: ['2 incidents in 7 d (1 critical), 3 more of severity info.'],
    path: `/data/reports/${kind === 'anomaly' ? 'anomaly_detection' : kind}_report_latest.md`,
    dated: `/data/reports/${kind === 'anomaly' ? 'anomaly_detection' : kind}_report_2026-11-22.md`,
    markdown: '# Anomaly detection on web-1',
    picture: null,
    data: { probable: 0 },
  }),
  post: () => null,
};
