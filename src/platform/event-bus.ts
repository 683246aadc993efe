/**
 * Typed publish and subscribe. A handler that throws or rejects is logged and never stops the others, nor the
 * publisher. Handlers run in the order they subscribed, starting at once.
 */
import { describeError } from '../domain/errors.ts';
import type { OpsEvent } from '../domain/events.ts';
import type { Cancel, EventBus, Logger } from '../domain/ports.ts';

type Handler = (event: OpsEvent) => void | Promise<void>;

export function createEventBus(log: Logger): EventBus {
  const handlers: { readonly type: OpsEvent['type'] | '*'; readonly handle: Handler }[] = [];

  function subscribe(type: OpsEvent['type'] | '*', handle: Handler): Cancel {
    const entry = { type, handle };
    handlers.push(entry);
    return () => {
      const at = handlers.indexOf(entry);
      if (at !== -1) handlers.splice(at, 1);
    };
  }

  return {
    publish(event) {
      for (const { type, handle } of [...handlers]) {
        if (type !== '*' && type !== event.type) continue;
        deliver(handle, event, log);
      }
    },
    on: (type, handle) => subscribe(type, handle as Handler),
    onAny: (handle) => subscribe('*', handle),
  };
}

function deliver(handle: Handler, event: OpsEvent, log: Logger): void {
  const failed = (cause: unknown): void =>
    log.error('event handler failed', { event: event.type, error: describeError(cause) });
  try {
    const done = handle(event);
    if (done instanceof Promise) done.catch(failed);
  } catch (cause) {
    failed(cause);
  }
}
