/**
 * Typed publish and subscribe. A handler that throws or rejects is logged and never stops the others, nor the
 * publisher. Everybody sees events in the order they were published: what a handler publishes waits until the
 * event at hand has reached all. Handlers run in the order they subscribed.
 */
import { describeError } from '../domain/errors.ts';
import type { OpsEvent } from '../domain/events.ts';
import type { Cancel, EventBus, Logger } from '../domain/ports.ts';

type Handler = (event: OpsEvent) => void | Promise<void>;

interface Subscription {
  readonly type: OpsEvent['type'] | '*';
  readonly handle: Handler;
  live: boolean;
}

export function createEventBus(log: Logger): EventBus {
  let subscriptions: readonly Subscription[] = [];
  const waiting: OpsEvent[] = [];
  let delivering = false;

  function subscribe(type: Subscription['type'], handle: Handler): Cancel {
    const entry: Subscription = { type, handle, live: true };
    subscriptions = [...subscriptions, entry];
    return () => {
      entry.live = false;
      subscriptions = subscriptions.filter((other) => other !== entry);
    };
  }

  function publish(event: OpsEvent): void {
    waiting.push(event);
    if (delivering) return;
    delivering = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      for (const entry of subscriptions) deliver(entry, next, log);
    }
    delivering = false;
  }

  return {
    publish,
    on: (type, handle) => subscribe(type, handle as Handler),
    onAny: (handle) => subscribe('*', handle),
  };
}

function deliver(entry: Subscription, event: OpsEvent, log: Logger): void {
  if (!entry.live || (entry.type !== '*' && entry.type !== event.type)) return;
  const failed = (cause: unknown): void =>
    log.error('event handler failed', { event: event.type, error: describeError(cause) });
  try {
    const done = entry.handle(event);
    if (done instanceof Promise) done.catch(failed);
  } catch (cause) {
    failed(cause);
  }
}
