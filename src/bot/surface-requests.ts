/**
 * Requests to a worker thread that wait for their answers, each with a deadline that holds whatever the thread
 * does. An answer that comes too late is still heard, because what it tells has happened.
 */
import { OpsError } from '../domain/errors.ts';
import type { Cancel, Clock } from '../domain/ports.ts';
import type { Ms } from '../domain/units.ts';
import type { ChatSurfaceId } from './surface.ts';
import { faultError, type SurfaceFault } from './surface-fault.ts';

export interface OpenRequest {
  readonly method: string;
  readonly within: Ms;
  readonly onLate: (value: unknown) => void;
  readonly send: (id: number) => void;
}

export interface RequestTable {
  ask(request: OpenRequest): Promise<unknown>;
  answered(id: number, value: unknown): void;
  failed(id: number, why: SurfaceFault): void;
  /** Rejects all that wait. */
  failAll(why: SurfaceFault): void;
}

interface Pending {
  readonly cancel: Cancel;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export function createRequestTable(surface: ChatSurfaceId, clock: Clock): RequestTable {
  const pending = new Map<number, Pending>();
  let lastId = 0;

  function settle(id: number): Pending | undefined {
    const found = pending.get(id);
    pending.delete(id);
    found?.cancel();
    return found;
  }

  return {
    ask({ method, within, onLate, send }) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        const cancel = clock.in(within, () => {
          pending.set(id, { cancel: () => {}, resolve: onLate, reject: () => {} });
          reject(new OpsError('DEADLINE', `${surface} gave no answer in time.`, { context: { method } }));
        });
        pending.set(id, { cancel, resolve, reject });
        send(id);
      });
    },
    answered: (id, value) => settle(id)?.resolve(value),
    failed: (id, why) => settle(id)?.reject(faultError(surface, why)),
    failAll(why) {
      for (const id of [...pending.keys()]) settle(id)?.reject(faultError(surface, why));
    },
  };
}
