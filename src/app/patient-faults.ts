/**
 * What can go wrong with the sandbox patient, on purpose. Each fault is bounded, so that a forgotten demo harms
 * nobody: memory stops growing at about 300 MB, the processor is free again after two minutes.
 *
 * What has its cause outside the process survives a restart (a file keeps it): a crash loop, a full folder, flapping
 * and what nothing mends. Everything else ends with the process, as real faults do.
 */
import type { Cancel, Clock } from '../domain/ports.ts';
import { type Ms, mebibytes, minutes, ms, seconds } from '../domain/units.ts';

export const FAULT_KINDS = [
  'hang',
  'crash',
  'crash_loop',
  'slow',
  'errors',
  'leak',
  'cpu',
  'disk',
  'stuck_queue',
  'poisoned_cache',
  'flapping',
  'incurable',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Those that a new process takes up again. */
const LASTING: readonly FaultKind[] = ['crash_loop', 'disk', 'flapping', 'incurable'];

/** How long a slow answer takes. */
export const SLOW_ANSWER: Ms = seconds(2);
/** Share of answers that fail. */
export const ERROR_SHARE = 0.7;
/** How long a patient in a crash loop lives. */
const CRASH_LOOP_LIFE: Ms = ms(1_500);
/** Time for the answer that says so to leave. */
const CRASH_AFTER: Ms = ms(100);
const LEAK_STEP = mebibytes(5);
const LEAK_EVERY: Ms = ms(250);
const LEAK_MOST = mebibytes(300);
const BURN_FOR: Ms = minutes(2);
/** Busy and idle in turn: one core is as good as full and requests are still answered. */
const BURN_SLICE: Ms = ms(95);
const BURN_PAUSE: Ms = ms(5);
/** How long a flapping patient answers, and then does not. */
const FLAP_PHASE: Ms = seconds(15);
const FILL_EVERY: Ms = ms(200);

export interface Faults {
  has(kind: FaultKind): boolean;
  /** It answers nothing now: it hangs, or it flaps and this is the wrong moment. */
  isDeaf(): boolean;
  active(): readonly FaultKind[];
  begin(kind: FaultKind): void;
  end(kind: FaultKind): void;
  endAll(): void;
}

export interface FaultDeps {
  readonly clock: Clock;
  /** Leaves the process with this code. */
  exit(code: number): void;
  /** Keeps what is active, for whoever looks from outside, and the crash loop over a restart. */
  save(active: readonly FaultKind[]): void;
  /** The folder with a bound that `disk` fills. */
  readonly filler?: Filler;
}

/** Fills a bounded folder piece by piece. */
export interface Filler {
  fillMore(): void;
  clean(): void;
}

/** @param kept What was active when the process before ended. */
export function createFaults(kept: readonly FaultKind[], deps: FaultDeps): Faults {
  const running = new Map<FaultKind, Cancel>();
  const active = (): readonly FaultKind[] => [...running.keys()];

  function begin(kind: FaultKind): void {
    if (running.has(kind)) return;
    running.set(kind, () => {});
    running.set(
      kind,
      STARTERS[kind](deps, () => end(kind)),
    );
    deps.save(active());
  }

  function end(kind: FaultKind): void {
    running.get(kind)?.();
    if (running.delete(kind)) deps.save(active());
  }

  const lasting = LASTING.filter((kind) => kept.includes(kind));
  for (const kind of lasting) begin(kind);
  if (lasting.length === 0) deps.save([]);
  return {
    has: (kind) => running.has(kind),
    isDeaf: () =>
      running.has('hang') || (running.has('flapping') && Math.floor(deps.clock.now() / FLAP_PHASE) % 2 === 1),
    active,
    begin,
    end,
    endAll() {
      for (const kind of active()) end(kind);
    },
  };
}

type Starter = (deps: FaultDeps, over: () => void) => Cancel;

/** Most are asked for by whoever answers or works; nothing runs for them. */
const nothing: Starter = () => () => {};

const STARTERS: Readonly<Record<FaultKind, Starter>> = {
  hang: nothing,
  slow: nothing,
  errors: nothing,
  crash: ({ clock, exit }) => clock.in(CRASH_AFTER, () => exit(1)),
  crash_loop: ({ clock, exit }) => clock.in(CRASH_LOOP_LIFE, () => exit(1)),
  leak,
  cpu: burn,
  disk: ({ clock, filler }) => {
    const cancel = clock.every(FILL_EVERY, () => filler?.fillMore());
    return () => {
      cancel();
      filler?.clean();
    };
  },
  stuck_queue: nothing,
  poisoned_cache: nothing,
  flapping: nothing,
  incurable: nothing,
};

function leak({ clock }: FaultDeps): Cancel {
  const held: Buffer[] = [];
  const cancel = clock.every(LEAK_EVERY, () => {
    if (held.length * LEAK_STEP < LEAK_MOST) held.push(Buffer.alloc(LEAK_STEP, 1));
  });
  return () => {
    cancel();
    held.length = 0;
  };
}

function burn({ clock }: FaultDeps, over: () => void): Cancel {
  const until = clock.monotonic() + BURN_FOR;
  return clock.every(BURN_PAUSE, () => {
    const pause = clock.monotonic() + BURN_SLICE;
    while (clock.monotonic() < pause) {
      // Burning is the purpose.
    }
    if (clock.monotonic() >= until) over();
  });
}
