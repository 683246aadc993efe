import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TASK_CLASSES, type TaskClass } from '../../../../src/domain/queue.ts';
import { ms } from '../../../../src/domain/units.ts';
import type { Entry } from '../../../../src/platform/queue/book.ts';
import { type Admission, createLine } from '../../../../src/platform/queue/line.ts';
import { USUAL_CLASSES } from '../../../../src/platform/queue/settings.ts';

const MINUTE = 60_000;
const open: Admission = { critical: true, others: true, overdue: true, isHeld: () => false };

let order = 0;
function entry(name: string, kind: TaskClass, readyAt: number, priority = 50): Entry {
  order += 1;
  const task = {
    id: name,
    queue: 'q',
    name,
    class: kind,
    priority,
    vars: {},
    at: 0,
    by: '',
    key: null,
    idem: false,
    max: 1,
  };
  const state = { k: 'waiting', since: 0 } as const;
  return { task, state, starts: 0, log: [], seq: 0, key: 0, readyAt, order, place: -1 };
}

/** The order in which everything would start, one a minute from `from` on. */
function runAll(entries: readonly Entry[], from: number, admission: Admission = open): readonly string[] {
  const line = createLine();
  for (const one of entries) line.put(one, ms(from));
  const names: string[] = [];
  for (let now = from; names.length < entries.length && now < from + 10_000 * MINUTE; now += MINUTE) {
    const next = line.pick(ms(now), admission, USUAL_CLASSES);
    if (next === undefined) continue;
    line.started(next);
    line.remove(next);
    names.push(next.task.name);
  }
  return names;
}

describe('createLine', () => {
  it('counts one step of priority as one minute of waiting', () => {
    const entries = [
      entry('old', 'normal', 0, 50),
      entry('urgent', 'normal', 9 * MINUTE, 40),
      entry('new', 'normal', 11 * MINUTE, 40),
    ];

    expect(runAll(entries, 11 * MINUTE)).toEqual(['urgent', 'old', 'new']);
  });

  it('prefers normal to batch until the batch task has waited fifty minutes longer', () => {
    const young = runAll([entry('batch', 'batch', 0), entry('normal', 'normal', 40 * MINUTE)], 40 * MINUTE);
    const aged = runAll([entry('batch', 'batch', 0), entry('normal', 'normal', 55 * MINUTE)], 55 * MINUTE);

    expect([young, aged]).toEqual([
      ['normal', 'batch'],
      ['batch', 'normal'],
    ]);
  });

  it('starts every task in the end, and a critical one after at most one other, whatever waits', () => {
    const kind = fc.constantFrom(...TASK_CLASSES);
    const some = fc.array(fc.tuple(kind, fc.nat(300), fc.integer({ min: 1, max: 100 })), { maxLength: 60 });
    fc.assert(
      fc.property(some, (tasks) => {
        const entries = tasks.map(([name, at, priority], index) =>
          entry(`${name}.${index}`, name, at * MINUTE, priority),
        );
        const names = runAll(entries, 300 * MINUTE);

        expect(names.toSorted()).toEqual(entries.map(({ task }) => task.name).toSorted());
        let others = 0;
        for (const [at, name] of names.entries()) {
          const more = names.slice(at).some((later) => later.startsWith('critical'));
          others = name.startsWith('critical') ? 0 : others + 1;
          if (more) expect(others).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('leaves a held class alone until its head is past its patience', () => {
    const held: Admission = { ...open, isHeld: (name) => name === 'batch' };
    const line = createLine();
    line.put(entry('batch', 'batch', 0), ms(0));

    expect(line.pick(ms(59 * MINUTE), held, USUAL_CLASSES)).toBeUndefined();
    expect(line.pick(ms(60 * MINUTE), held, USUAL_CLASSES)?.task.name).toBe('batch');
  });

  it('tells since when the oldest waits, also where another is first', () => {
    const line = createLine();
    line.put(entry('old', 'batch', 10), ms(100));
    line.put(entry('urgent', 'batch', 90, 1), ms(100));
    line.put(entry('later', 'batch', 500), ms(100));

    expect(line.oldest(ms(100))).toBe(10);
    expect(line.pick(ms(100), open, USUAL_CLASSES)?.task.name).toBe('urgent');
    expect([line.waiting().batch, line.delayed(), line.nextDue()]).toEqual([2, 1, 500]);
  });
});
