/**
 * The waiting tasks of one queue: a heap for each class, and one for what is not due yet.
 *
 * In a class the time of waiting decides, one step of priority being worth one minute: priority decides among what
 * came together, and nothing waits for ever behind a stream of more urgent tasks. Between classes only the heads are
 * compared, so ageing sorts nothing anew: critical first; of the others the one furthest past its class's patience.
 * A task past its patience gets one pick in nine also from a stream of critical ones.
 */
import { ORDINARY_PRIORITY, TASK_CLASSES, type TaskClass } from '../../domain/queue.ts';
import type { Ms } from '../../domain/units.ts';
import type { Entry } from './book.ts';
import { createHeap, type Heap } from './heap.ts';
import type { ClassRules } from './settings.ts';

const PRIORITY_STEP_MS = 60_000;
const CRITICAL_IN_A_ROW = 8;

/** What may start now. */
export interface Admission {
  readonly critical: boolean;
  readonly others: boolean;
  /** A task past its patience may, although others may not. */
  readonly overdue: boolean;
  /** Put off: starts only when past its patience. */
  isHeld(held: TaskClass): boolean;
}

export interface Line {
  put(entry: Entry, now: Ms): void;
  remove(entry: Entry): void;
  /** The task to start next; it stays in the line until it is removed. */
  pick(now: Ms, admission: Admission, rules: ClassRules): Entry | undefined;
  /** Told which class was started, for the one pick in nine. */
  started(entry: Entry): void;
  waiting(): Readonly<Record<TaskClass, number>>;
  delayed(): number;
  /** Monotonic moment at which the next delayed task falls due. */
  nextDue(): number | undefined;
  /** Since when the oldest due task waits, monotonic. */
  oldest(now: Ms): number | undefined;
  items(): readonly Entry[];
}

export function createLine(): Line {
  const classes: Readonly<Record<TaskClass, Heap<Entry>>> = {
    critical: createHeap(),
    normal: createHeap(),
    batch: createHeap(),
  };
  const later = createHeap<Entry>();
  let criticalInARow = 0;

  function put(entry: Entry, now: Ms): void {
    const due = entry.readyAt <= now;
    entry.key = due
      ? entry.readyAt + (entry.task.priority - ORDINARY_PRIORITY) * PRIORITY_STEP_MS
      : entry.readyAt;
    (due ? classes[entry.task.class] : later).push(entry);
  }

  function ripen(now: Ms): void {
    for (let next = later.head(); next !== undefined && next.readyAt <= now; next = later.head()) {
      later.remove(next);
      put(next, now);
    }
  }

  return {
    put,
    remove(entry) {
      if (!later.remove(entry)) classes[entry.task.class].remove(entry);
    },
    pick(now, admission, rules) {
      ripen(now);
      const other = furthest(now, admission, rules, classes);
      const critical = admission.critical ? classes.critical.head() : undefined;
      if (other === undefined) return critical;
      const pressing = other.past >= 0;
      const mayStart = admission.others || (pressing && admission.overdue);
      const itsTurn = pressing && mayStart && criticalInARow >= CRITICAL_IN_A_ROW;
      if (critical !== undefined && !itsTurn) return critical;
      return mayStart ? other.entry : undefined;
    },
    started(entry) {
      criticalInARow = entry.task.class === 'critical' ? criticalInARow + 1 : 0;
    },
    waiting: () => ({
      critical: classes.critical.size,
      normal: classes.normal.size,
      batch: classes.batch.size,
    }),
    delayed: () => later.size,
    nextDue: () => later.head()?.readyAt,
    oldest(now) {
      ripen(now);
      let first: number | undefined;
      for (const name of TASK_CLASSES) {
        for (const { readyAt } of classes[name].items()) {
          if (first === undefined || readyAt < first) first = readyAt;
        }
      }
      return first;
    },
    items: () => [...TASK_CLASSES.flatMap((name) => classes[name].items()), ...later.items()],
  };
}

interface Other {
  readonly entry: Entry;
  /** How far past its patience; negative while it has some left. */
  readonly past: number;
}

/** Of the heads of normal and batch the one that is furthest past its patience. */
function furthest(
  now: Ms,
  admission: Admission,
  rules: ClassRules,
  classes: Readonly<Record<TaskClass, Heap<Entry>>>,
): Other | undefined {
  let first: Other | undefined;
  for (const name of ['normal', 'batch'] as const) {
    const entry = classes[name].head();
    if (entry === undefined) continue;
    const past = now - entry.key - rules[name].overdueAfter;
    if (past < 0 && admission.isHeld(name)) continue;
    if (first === undefined || past > first.past) first = { entry, past };
  }
  return first;
}
