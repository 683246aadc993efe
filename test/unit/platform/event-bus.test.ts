import { describe, expect, it } from 'vitest';
import type { OpsEvent } from '../../../src/domain/events.ts';
import { createEventBus } from '../../../src/platform/event-bus.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';

const exited = (worker: string): OpsEvent => ({ type: 'worker.exited', worker, pid: 1, how: 'exit 1' });
const started = (worker: string): OpsEvent => ({ type: 'worker.started', worker, pid: 2, adopted: false });

describe('createEventBus', () => {
  it('tells only those who asked for the type, and those who asked for all', () => {
    const bus = createEventBus(createMemoryLogger());
    const seen: string[] = [];
    bus.on('worker.exited', (event) => void seen.push(`typed ${event.worker}`));
    bus.onAny((event) => void seen.push(`any ${event.type}`));

    bus.publish(exited('a'));
    bus.publish(started('b'));

    expect(seen).toEqual(['typed a', 'any worker.exited', 'any worker.started']);
  });

  it('logs a handler that throws or rejects, and tells the others all the same', async () => {
    const log = createMemoryLogger();
    const bus = createEventBus(log);
    const seen: string[] = [];
    bus.on('worker.exited', () => {
      throw new Error('thrown');
    });
    bus.on('worker.exited', async () => {
      throw new Error('rejected');
    });
    bus.on('worker.exited', () => void seen.push('third'));

    bus.publish(exited('a'));
    await new Promise((resolve) => setImmediate(resolve));

    expect(seen).toEqual(['third']);
    expect(log.lines.map((line) => line.fields)).toEqual([
      { event: 'worker.exited', error: 'thrown' },
      { event: 'worker.exited', error: 'rejected' },
    ]);
  });

  it('shows everybody the same order when a handler publishes in turn', () => {
    const bus = createEventBus(createMemoryLogger());
    const seen: string[] = [];
    bus.on('worker.exited', (event) => bus.publish(started(event.worker)));
    bus.onAny((event) => void seen.push(event.type));

    bus.publish(exited('a'));

    expect(seen).toEqual(['worker.exited', 'worker.started']);
  });

  it('tells nobody who has left, even while the event is under way', () => {
    const bus = createEventBus(createMemoryLogger());
    const seen: string[] = [];
    bus.on('worker.exited', () => leave());
    const leave = bus.on('worker.exited', () => void seen.push('left'));

    bus.publish(exited('a'));
    leave();

    expect(seen).toEqual([]);
  });
});
