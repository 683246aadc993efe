/**
 * What Nightshift knows of its own footing: free disk under its data, process ids left, whether forking still
 * works. Healing asks it before anything that needs a fork; unknown is told as unknown.
 */
import type { Cancel, Clock, CommandRunner } from '../domain/ports.ts';
import { type Ms, minutes, seconds } from '../domain/units.ts';
import type { SelfState } from '../healing/healer.ts';
import type { DiskReader } from '../platform/disk-usage.ts';
import type { ProcReader } from '../platform/proc.ts';

const LOOK_EVERY: Ms = seconds(15);
/** A failed fork is believed this long unless one succeeds. */
const FORK_FAILURE_HOLDS: Ms = minutes(2);
const FORK_ERRORS = /EAGAIN|ENOMEM|EMFILE|ENFILE/;

export interface SelfWatch {
  /** The same runner, listened to. */
  readonly commands: CommandRunner;
  state(): SelfState;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createSelfWatch(deps: {
  readonly clock: Clock;
  readonly commands: CommandRunner;
  readonly disks: DiskReader;
  readonly proc: ProcReader;
  readonly dataFolder: string;
}): SelfWatch {
  const { clock, proc } = deps;
  let freeDiskBytes: number | null = null;
  let forkFailedAt: Ms | null = null;
  let cancel: Cancel | undefined;

  async function look(): Promise<void> {
    freeDiskBytes = (await deps.disks.usageOf(deps.dataFolder)).free;
  }

  return {
    commands: {
      async run(request) {
        const result = await deps.commands.run(request);
        if (result.kind !== 'not_started') forkFailedAt = null;
        else if (FORK_ERRORS.test(result.reason)) forkFailedAt = clock.monotonic();
        return result;
      },
    },
    state() {
      const pids = proc.pids();
      return {
        freeDiskBytes,
        forkFailing: forkFailedAt !== null && clock.monotonic() - forkFailedAt < FORK_FAILURE_HOLDS,
        pidsRatio: pids === null || pids.most === 0 ? null : pids.used / pids.most,
      };
    },
    async start() {
      await look();
      cancel ??= clock.every(LOOK_EVERY, look);
    },
    async stop() {
      cancel?.();
    },
  };
}
