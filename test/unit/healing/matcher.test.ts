import { describe, expect, it } from 'vitest';
import { matchStrategy } from '../../../src/healing/matcher.ts';
import { anomaly } from '../../support/builders.ts';
import { strategy } from '../../support/healing-builders.ts';

const { match } = strategy();

describe('matchStrategy', () => {
  it('takes the first enabled strategy that fits', () => {
    const first = strategy({ name: 'first', enabled: false });
    const second = strategy({ name: 'second' });

    expect(matchStrategy(anomaly(), [first, second, strategy()])?.name).toBe('second');
    expect(matchStrategy(anomaly(), [first, second], () => true)?.name).toBe('first');
    expect(matchStrategy(anomaly({ kind: 'high_cpu' }), [second])).toBeNull();
  });

  it('prefers the one for the target, then for the metric, then for the severity, wherever it is listed', () => {
    const any = strategy({ name: 'any' });
    const critical = strategy({ name: 'critical', match: { ...match, minSeverity: 'critical' } });
    const metric = strategy({ name: 'metric', match: { ...match, metrics: ['target_up'] } });
    const target = strategy({ name: 'target', match: { ...match, targets: ['rpa-worker'] } });

    expect(matchStrategy(anomaly(), [any, critical, metric, target])?.name).toBe('target');
    expect(matchStrategy(anomaly(), [any, critical, metric])?.name).toBe('metric');
    expect(matchStrategy(anomaly(), [any, critical])?.name).toBe('critical');
    expect(matchStrategy(anomaly({ severity: 'warning' }), [critical])).toBeNull();
    expect(matchStrategy(anomaly({ target: 'other' }), [target])).toBeNull();
    expect(matchStrategy(anomaly({ target: null }), [target])).toBeNull();
  });

  it('never answers what only one model has seen', () => {
    expect(matchStrategy(anomaly({ severity: 'info' }), [strategy()])).toBeNull();
  });
});
