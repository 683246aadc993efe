/**
 * The event stream of one engine, for all its targets: who stopped a container can be told only from there. It is
 * taken up again where it broke, so that what happened meanwhile is heard too; the first time it asks for the last hour.
 */
import type { Cancel, Clock, Logger } from '../../../domain/ports.ts';
import { type EpochMs, hours, type Ms, ms, seconds } from '../../../domain/units.ts';
import { type ContainerEvent, parseEvent } from './container.ts';
import type { Engine } from './engine.ts';

const FIRST_LOOK_BACK: Ms = hours(1);
const AGAIN: Ms = seconds(5);
const KEPT = 20;
const VERSION_LIMIT: Ms = seconds(2);
/** A new stream brings its history at once; after this it is taken for complete. */
const HISTORY: Ms = ms(300);
const PATH = '/events?filters=%7B%22type%22%3A%5B%22container%22%5D%7D';
const TELLING = new Set([
  'die',
  'died',
  'stop',
  'kill',
  'restart',
  'start',
  'pause',
  'unpause',
  'health_status',
]);

export interface EngineEvents {
  /** Of one container, oldest first. */
  of(container: string): readonly ContainerEvent[];
  watch(container: string, onEvent: () => void): Cancel;
  /** Opens the stream where it is not open, and waits for its history. */
  ready(): Promise<void>;
  /** True once the engine is known to announce every stop. */
  tellsStops(): boolean;
  close(): void;
}

export function createEngineEvents(engine: Engine, clock: Clock, log: Logger): EngineEvents {
  const watched = new Map<string, () => void>();
  const kept = new Map<string, readonly ContainerEvent[]>();
  let since: EpochMs = (clock.now() - FIRST_LOOK_BACK) as EpochMs;
  let cancel: Cancel | null = null;
  let history: Promise<void> = Promise.resolve();
  let retryAt = -Infinity;
  let isClosed = false;
  let isDocker = false;

  const hear = (line: string): void => {
    const event = parseEvent(line);
    if (event === null || !TELLING.has(event.action.split(':')[0] ?? '')) return;
    if (event.at > since) since = event.at;
    for (const [container, onEvent] of watched) {
      if (event.names.some((name) => isNamed(name, container)) && keep(container, event)) onEvent();
    }
  };
  /** False for one that was heard before: a stream taken up again repeats the last second. */
  const keep = (container: string, event: ContainerEvent): boolean => {
    const before = kept.get(container) ?? [];
    if (before.some((other) => other.at === event.at && other.action === event.action)) return false;
    kept.set(container, [...before, event].slice(-KEPT));
    return true;
  };
  const open = (): void => {
    cancel = engine.stream(`${PATH}&since=${Math.floor(since / 1_000)}`, {
      line: hear,
      end(reason) {
        cancel = null;
        retryAt = clock.monotonic() + AGAIN;
        if (!isClosed) log.debug('event stream of an engine ended', { reason });
      },
    });
    history = Promise.all([clock.sleep(HISTORY), askKind()]).then(() => {});
  };
  const askKind = async (): Promise<void> => {
    const answer = await engine.ask({ method: 'GET', path: '/version', limit: VERSION_LIMIT });
    isDocker = answer.kind === 'answered' && answer.status === 200 && !/podman/i.test(answer.body);
  };

  return {
    of: (container) => kept.get(container) ?? [],
    watch(container, onEvent) {
      watched.set(container, onEvent);
      return () => void watched.delete(container);
    },
    ready() {
      if (cancel === null && !isClosed && clock.monotonic() >= retryAt) open();
      return history;
    },
    tellsStops: () => isDocker,
    close() {
      isClosed = true;
      cancel?.();
    },
  };
}

/** A container is configured by its name or by (the beginning of) its id. */
function isNamed(name: string, container: string): boolean {
  return name === container || (/^[0-9a-f]{12,64}$/.test(container) && name.startsWith(container));
}
