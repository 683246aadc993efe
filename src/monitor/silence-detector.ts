/**
 * A metric that should be there and has been unknown for long: a trouble of its own, never a sign that all is
 * well. All silent metrics are one anomaly; nothing heals it, a person should look.
 *
 * Targets are left out: their supervisor may not know on purpose (stopped by a person) and says why itself.
 */
import { type Beat, familyOf, type MetricName, type Sample } from '../domain/metric.ts';
import type { Live } from '../domain/ports.ts';
import { type Ms, ms } from '../domain/units.ts';
import type { Claim, Detector } from './claim.ts';
import type { MonitorConfig } from './config.ts';
import { titleOf } from './sentences.ts';

const SCORE = 0.5;
/** So many are named; the rest is counted. */
const NAMED = 3;

export function createSilenceDetector(config: Live<MonitorConfig>): Detector {
  /** When each metric became unknown, by the monotonic clock. */
  const unknownSince = new Map<MetricName, Ms>();

  function isSilent(metric: MetricName, now: Ms): boolean {
    const since = unknownSince.get(metric);
    return since !== undefined && now - since >= config.current().confirmation.silentAfter;
  }

  return {
    judge(beat: Beat) {
      const samples = beat.samples.filter((sample) => !familyOf(sample.metric).startsWith('target_'));
      for (const { metric, value } of samples) {
        if (value !== null) unknownSince.delete(metric);
        else if (!unknownSince.has(metric)) unknownSince.set(metric, beat.monotonic);
      }
      const silent = samples.map((one) => one.metric).filter((metric) => isSilent(metric, beat.monotonic));
      const text = silentSentence(silent);
      return samples.map((sample) => claimOf(sample, silent.includes(sample.metric), text));
    },
    discardWindow: () => unknownSince.clear(),
  };
}

function claimOf(sample: Sample, silent: boolean, text: string): Claim {
  return {
    key: `silent:${sample.metric}`,
    metric: sample.metric,
    kind: 'probe_silent',
    target: null,
    witness: 'probe',
    severity: 'warning',
    hold: ms(0),
    verdict: silent ? 'bad' : sample.value === null ? 'unknown' : 'good',
    value: null,
    score: SCORE,
    confirm: { badOf: 1, outOf: 1, clearAfterGood: 1, sayFirst: false },
    text,
  };
}

function silentSentence(metrics: readonly MetricName[]): string {
  const named = metrics.slice(0, NAMED).map(titleOf).join(', ');
  const more = metrics.length > NAMED ? ` and ${metrics.length - NAMED} more` : '';
  return `${named}${more} cannot be read: what they show is unknown.`;
}
