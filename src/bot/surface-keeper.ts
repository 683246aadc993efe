/**
 * Keeps one surface thread alive: a thread that dies is rebuilt with back-off, one that says that its
 * credentials are refused is not. Knows nothing of what the thread is asked.
 */
import { describeError } from '../domain/errors.ts';
import type { Cancel, Clock, Logger } from '../domain/ports.ts';
import { backOff } from './back-off.ts';
import type { ChatSurfaceId, CommandShape } from './surface.ts';
import { type SurfaceThread, startThread, type ThreadNews } from './surface-thread.ts';
import type { SurfaceTiming } from './surface-timing.ts';

export interface KeeperDeps {
  readonly id: ChatSurfaceId;
  readonly entry: URL;
  readonly options: unknown;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timing: SurfaceTiming;
  /** News of the thread that lives now; one that was replaced is not heard. */
  readonly onNews: (news: ThreadNews, from: SurfaceThread) => void;
  readonly onDown: (reason: string) => void;
}

export interface ThreadKeeper {
  /** Resolves when the first thread has started or failed to. */
  start(commands: readonly CommandShape[]): Promise<void>;
  current(): SurfaceThread | null;
  /** Lets it go and does not rebuild. */
  release(): SurfaceThread | null;
}

export function createThreadKeeper(deps: KeeperDeps): ThreadKeeper {
  const { id, clock, log, timing } = deps;
  let thread: SurfaceThread | null = null;
  let commands: readonly CommandShape[] = [];
  let bornAt = clock.monotonic();
  let deaths = 0;
  let cancelRebuild: Cancel = () => {};

  async function begin(): Promise<void> {
    bornAt = clock.monotonic();
    const born = open();
    if (born === null) return;
    thread = born;
    try {
      await born.call<'start'>({ method: 'start', commands }, timing.startWithin);
    } catch (cause) {
      born.end(describeError(cause));
    }
  }

  /** A machine without threads or files to spare throws here: that is one more death. */
  function open(): SurfaceThread | null {
    try {
      const born = startThread({
        surface: id,
        entry: deps.entry,
        data: { options: deps.options, timing },
        clock,
        log,
        onNews: (news) => {
          if (thread === born) deps.onNews(news, born);
        },
        onEnd: (reason) => {
          if (thread === born) onDeath(reason);
        },
      });
      return born;
    } catch (cause) {
      onDeath(`The ${id} thread could not be made: ${describeError(cause)}`);
      return null;
    }
  }

  function onDeath(reason: string): void {
    thread = null;
    if (clock.monotonic() - bornAt >= timing.rebuildUpTo) deaths = 0;
    const rebuildIn = backOff(deaths, timing.rebuildFrom, timing.rebuildUpTo);
    deaths += 1;
    log.warn('surface thread died', { surface: id, reason, rebuildInMs: rebuildIn, deaths });
    cancelRebuild = clock.in(rebuildIn, () => void begin());
    deps.onDown(reason);
  }

  return {
    async start(shapes) {
      commands = shapes;
      deaths = 0;
      await begin();
    },
    current: () => thread,
    release() {
      cancelRebuild();
      const last = thread;
      thread = null;
      return last;
    },
  };
}
