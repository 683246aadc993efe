import { describe, expect, it } from 'vitest';
import type { CommandResult } from '../../../src/domain/ports.ts';
import { ms, seconds } from '../../../src/domain/units.ts';
import {
  createServiceNotify,
  readServiceManager,
  type ServiceManager,
  type ServiceNotify,
} from '../../../src/platform/service-notify.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { createMemoryLogger, type MemoryLogger } from '../../support/memory-ports.ts';

const SOCKET = '/run/systemd/notify';
const DONE: CommandResult = { kind: 'exited', code: 0, output: '', took: ms(3) };
const MANAGER: ServiceManager = { socket: SOCKET, watchdog: seconds(60), descriptor: null };

interface Bench {
  readonly notify: ServiceNotify;
  readonly clock: FakeClock;
  readonly log: MemoryLogger;
  readonly forks: string[];
  readonly datagrams: string[];
}

function bench(
  manager: ServiceManager | null,
  fork: () => CommandResult = () => DONE,
  send: () => Promise<unknown> = async () => {},
): Bench {
  const clock = createFakeClock();
  const log = createMemoryLogger();
  const forks: string[] = [];
  const datagrams: string[] = [];
  const notify = createServiceNotify({
    manager,
    clock,
    log,
    commands: {
      async run({ argv, env }) {
        forks.push(`${env?.['NOTIFY_SOCKET']} ${argv.join(' ')}`);
        return fork();
      },
    },
    async send(descriptor, text) {
      await send();
      datagrams.push(`${descriptor}: ${text}`);
    },
  });
  return { notify, clock, log, forks, datagrams };
}

describe('readServiceManager', () => {
  it('is nothing where no service manager started this process', () => {
    expect(readServiceManager({}, 7)).toBeNull();
    expect(readServiceManager({ NOTIFY_SOCKET: 'vsock:2:1' }, 7)).toBeNull();
  });

  it('has the watchdog and the descriptor that systemd gives', () => {
    const given = {
      NOTIFY_SOCKET: SOCKET,
      WATCHDOG_USEC: '60000000',
      WATCHDOG_PID: '7',
      LISTEN_PID: '7',
      LISTEN_FDS: '2',
      LISTEN_FDNAMES: 'other:notify',
    };

    expect(readServiceManager(given, 7)).toEqual({ socket: SOCKET, watchdog: 60_000, descriptor: 4 });
    expect(readServiceManager(given, 8)).toEqual({ socket: SOCKET, watchdog: null, descriptor: null });
  });
});

describe('createServiceNotify', () => {
  it('says nothing where nobody listens', async () => {
    const { notify, forks } = bench(null);

    await notify.start();
    await notify.stop();

    expect(forks).toEqual([]);
  });

  it('says ready, beats at half of the watchdog, and says stopping', async () => {
    const { notify, clock, forks } = bench(MANAGER);

    await notify.start();
    await clock.advance(seconds(61));
    await notify.stop();
    await clock.advance(seconds(120));

    expect(forks).toEqual([
      `${SOCKET} /usr/bin/systemd-notify READY=1 WATCHDOG=1`,
      `${SOCKET} /usr/bin/systemd-notify WATCHDOG=1`,
      `${SOCKET} /usr/bin/systemd-notify WATCHDOG=1`,
      `${SOCKET} /usr/bin/systemd-notify STOPPING=1`,
    ]);
  });

  it('forks nothing where it was given a descriptor', async () => {
    const { notify, clock, forks, datagrams } = bench({ ...MANAGER, descriptor: 3 });

    await notify.start();
    await clock.advance(seconds(31));

    expect(datagrams).toEqual(['3: READY=1\nWATCHDOG=1', '3: WATCHDOG=1']);
    expect(forks).toEqual([]);
  });

  it('goes on with the program when the descriptor fails, or takes forever', async () => {
    const { notify, clock, forks, log } = bench(
      { ...MANAGER, descriptor: 3 },
      undefined,
      () => new Promise(() => {}),
    );

    const started = notify.start();
    await clock.advance(seconds(6));
    await started;
    await clock.advance(seconds(31));

    expect(forks).toHaveLength(2);
    expect(log.lines).toHaveLength(1);
  });

  it('says ready again when forking failed, and complains once', async () => {
    let fork: CommandResult = { kind: 'not_started', reason: 'EAGAIN' };
    const { notify, clock, forks, log } = bench({ ...MANAGER, watchdog: null }, () => fork);

    await notify.start();
    await clock.advance(seconds(6));
    fork = DONE;
    await clock.advance(seconds(60));

    expect(forks).toHaveLength(3);
    expect(forks.at(-1)).toContain('READY=1');
    expect(log.lines).toHaveLength(1);
  });
});
