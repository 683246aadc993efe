/** The optimizer over four weeks of office load, its doors in memory. A new process over the same disk is `start`. */
import type { OpsEvent } from '../../src/domain/events.ts';
import { type EpochMs, epochMs, ms, seconds, toIso } from '../../src/domain/units.ts';
import { OptimizerConfig } from '../../src/optimizer/config.ts';
import { createOptimizer, type Optimizer } from '../../src/optimizer/optimizer.ts';
import type { OptimizerDeps } from '../../src/optimizer/optimizer-deps.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { loadWeeks, MONDAY, OFFICE, utcHourOfWeek } from './load-weeks.ts';
import {
  createMemoryAudit,
  createMemoryLogger,
  createMemoryStateStore,
  live,
  type MemoryAudit,
} from './memory-ports.ts';
import { createThrottleWorld, type ThrottleWorld } from './throttle-world.ts';

export const NOW: EpochMs = epochMs(MONDAY + 28 * 86_400_000);

export interface OptimizerWorld {
  readonly clock: FakeClock;
  readonly audit: MemoryAudit;
  readonly events: OpsEvent[];
  readonly throttled: ThrottleWorld;
  readonly saved: ReadonlyMap<string, string>;
  readonly config: { set(next: OptimizerConfig): void };
  production: boolean;
  frozen: boolean;
  messages: number | null;
  start(): Promise<Optimizer>;
  /** Beats of 5 s with so much processor time in use. */
  beats(optimizer: Optimizer, count: number, cpu: number | null): Promise<void>;
  lines(kind: string): readonly string[];
}

export function createOptimizerWorld(over: Partial<OptimizerDeps> = {}): OptimizerWorld {
  const clock = createFakeClock(toIso(NOW));
  const audit = createMemoryAudit();
  const states = createMemoryStateStore();
  const events: OpsEvent[] = [];
  const throttled = createThrottleWorld();
  const config = live(OptimizerConfig.parse({}));
  const rows = loadWeeks(4, OFFICE);
  const world: OptimizerWorld = {
    clock,
    audit,
    events,
    throttled,
    saved: states.saved,
    config,
    production: true,
    frozen: false,
    messages: 0,
    async start() {
      const optimizer = createOptimizer({
        config,
        clock,
        bus: { publish: (event) => void events.push(event) },
        log: createMemoryLogger(),
        audit,
        states,
        history: {
          metrics: () => ['cpu'],
          minutes: async () => rows,
          normal: () => (value) => (value > 0.3 ? (value - 0.6) / 0.04 : (value - 0.1) / 0.04),
        },
        queues: throttled.queues,
        targets: throttled.targets,
        throttles: true,
        targetNames: () => ['api', 'etl'],
        size: { cores: 2, memoryBytes: 8e9 },
        interval: () => seconds(5),
        configuredSigmas: () => 3,
        hourOfWeek: utcHourOfWeek,
        isProduction: () => world.production,
        isFrozen: () => world.frozen,
        leaveAlone: () => null,
        messages: () => world.messages,
        ...over,
      });
      await optimizer.start();
      return optimizer;
    },
    async beats(optimizer, count, cpu) {
      for (let beat = 0; beat < count; beat += 1) {
        const at = clock.now();
        const samples = [{ metric: 'cpu', at, value: cpu }];
        optimizer.take({ at, monotonic: ms(clock.monotonic()), samples });
        await clock.advance(seconds(5));
      }
      await optimizer.stop(); // what was begun is done
    },
    lines: (kind) => audit.lines.filter((line) => line.kind === kind).map(({ text }) => text),
  };
  return world;
}
