/**
 * What others say, as samples: evidence for the verifier. A sender speaks once and is then silent, so its word
 * counts as fresh for a minute only; after that an alert that fires is neither good nor bad news.
 */
import type { OutsideWatch } from '../../domain/outside.ts';
import type { Clock } from '../../domain/ports.ts';
import { elapsed, type Ms, minutes } from '../../domain/units.ts';
import type { Collector } from '../collector.ts';
import { outsideMetric } from '../outside-detector.ts';

const FRESH: Ms = minutes(1);

export function createOutsideCollector(outside: OutsideWatch, clock: Clock): Collector {
  return {
    name: 'outside',
    metrics: () => [],
    async collect() {
      const now = clock.now();
      return outside
        .alerts()
        .filter(({ state, heardAt }) => state === 'resolved' || elapsed(heardAt, now) <= FRESH)
        .map((alert) => ({ metric: outsideMetric(alert), value: alert.state === 'firing' ? 0 : 1 }));
    },
  };
}
