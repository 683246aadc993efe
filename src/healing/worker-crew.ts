/** The instances there are: as many of each worker as are configured or were ordered. */
import type { WorkerChange } from '../domain/worker.ts';
import { done, type SlotOrder } from './worker-life.ts';
import type { SlotDeps } from './worker-process.ts';
import { slotKey, wantedCount } from './worker-record.ts';
import { WorkerSlot } from './worker-slot.ts';
import type { WorkerConfig } from './workers-config.ts';

export interface WorkerCrew {
  /** In the order of their names and numbers. */
  all(): readonly WorkerSlot[];
  of(worker: string): readonly WorkerSlot[];
  /** Adds the instances that are missing, without starting them. */
  enlist(config: WorkerConfig): readonly WorkerSlot[];
  /** Starts what is missing, ends what is too many; all of them when it is configured no more. */
  fit(worker: string, order: SlotOrder): Promise<WorkerChange>;
}

export function createCrew(deps: SlotDeps): WorkerCrew {
  const slots = new Map<string, WorkerSlot>();
  const all = (): readonly WorkerSlot[] => [...slots.values()];
  const of = (worker: string): readonly WorkerSlot[] =>
    all()
      .filter(({ name }) => name.worker === worker)
      .toSorted((a, b) => a.name.instance - b.name.instance);
  const wanted = (config: WorkerConfig): number =>
    wantedCount(config.instances, deps.book.orders(config.name));

  function enlist(config: WorkerConfig): readonly WorkerSlot[] {
    return Array.from({ length: wanted(config) }, (_, instance) => ({
      worker: config.name,
      instance,
    })).flatMap((name) => {
      const key = slotKey(name.worker, name.instance);
      if (slots.has(key)) return [];
      const slot = new WorkerSlot(name, config, deps);
      slots.set(key, slot);
      return [slot];
    });
  }

  async function dismiss(slot: WorkerSlot, order: SlotOrder): Promise<WorkerChange> {
    const { worker, instance } = slot.name;
    const change = await slot.stop(order);
    if (change.kind !== 'done') return change;
    slots.delete(slotKey(worker, instance));
    await deps.book.forget(slot.name);
    return change;
  }

  async function fit(worker: string, order: SlotOrder): Promise<WorkerChange> {
    const config = deps.configOf(worker);
    const count = config === undefined ? 0 : wanted(config);
    const extra = of(worker).filter(({ name }) => name.instance >= count);
    const fresh = config === undefined ? [] : enlist(config);
    await Promise.all(fresh.map((slot) => slot.wake({ kind: 'none' })));
    const ends = await Promise.all(extra.map((slot) => dismiss(slot, order)));
    const fault = ends.find(({ kind }) => kind !== 'done');
    return fault ?? done(`${worker}: ${count} ${count === 1 ? 'instance' : 'instances'}`);
  }

  return { all, of, enlist, fit };
}
