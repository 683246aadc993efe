import { afterEach, describe, expect, it } from 'vitest';
import { readFault } from '../../src/bot/surface-fault.ts';
import { createHostedSurface, type HostedSurface } from '../../src/bot/surface-host.ts';
import { ms } from '../../src/domain/units.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { START } from '../support/builders.ts';
import { card, createInbound, eventually, FAST } from '../support/chat.ts';
import { createMemoryLogger } from '../support/memory-ports.ts';

const ENTRY = new URL('../support/children/chat-puppet.ts', import.meta.url);
const running: HostedSurface[] = [];

function setUp(options: object = {}, entry: URL = ENTRY) {
  const inbound = createInbound();
  const log = createMemoryLogger();
  const timing = { ...FAST, answerWithin: ms(700), hungAfter: ms(2_000) };
  const surface = createHostedSurface({
    id: 'slack',
    entry,
    options,
    clock: createSystemClock(),
    log,
    timing,
  });
  running.push(surface);
  const logged = (message: string): boolean => log.lines.some((line) => line.message === message);
  return { surface, inbound, log, logged };
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((surface) => surface.stop()));
});

describe('createHostedSurface', () => {
  it('is off before it starts, up when the thread says so, and off again when stopped', async () => {
    const { surface, inbound } = setUp();

    await surface.start(inbound, []);
    const placed = await surface.put(card(), null);
    await surface.stop();

    expect(placed).toMatchObject({ channel: 'C1', thread: 'T1' });
    expect(inbound.told.map(({ state }) => state)).toEqual(['degraded', 'up', 'off']);
  });

  it.each(['throw later', 'reject', 'exit', 'hang', 'eat memory'])(
    'survives an SDK that does "%s": only the thread dies, is told as down, and is rebuilt',
    async (title) => {
      const { surface, inbound, log } = setUp();
      await surface.start(inbound, []);

      const put = surface.put(card({ title }), null);

      await expect(put).rejects.toMatchObject({ code: expect.stringMatching(/SURFACE_DOWN|DEADLINE/) });
      await eventually(() => inbound.told.some(({ state }) => state === 'down'));
      await eventually(() => inbound.state() === 'up');
      expect(log.lines.filter(({ message }) => message === 'surface thread died')).toHaveLength(1);
      await expect(surface.put(card({ key: 'after' }), null)).resolves.toMatchObject({ channel: 'C1' });
    },
  );

  it.each(['file:///nowhere/entry.js', 'https://127.0.0.1/entry.js'])(
    'keeps trying when no thread can be made from %s, and the process lives on',
    async (entry) => {
      const { surface, inbound, log } = setUp({}, new URL(entry));

      await surface.start(inbound, []);

      await eventually(
        () => log.lines.filter(({ message }) => message === 'surface thread died').length >= 2,
      );
      expect(inbound.state()).toBe('down');
    },
  );

  it('waits longer before each rebuild of a thread that keeps dying', async () => {
    const { surface, inbound, log } = setUp();
    await surface.start(inbound, []);

    for (let deaths = 1; deaths <= 3; deaths += 1) {
      await surface.put(card({ title: 'exit', key: `k${deaths}` }), null).catch(() => {});
      await eventually(() => inbound.told.filter(({ state }) => state === 'down').length === deaths);
      await eventually(() => inbound.state() === 'up');
    }

    const waits = log.lines
      .filter(({ message }) => message === 'surface thread died')
      .map(({ fields }) => (fields as { rebuildInMs: number }).rebuildInMs);
    expect(waits).toEqual([100, 200, 400]);
  });

  it('rejects what goes out while the thread is dead, at once and with the reason', async () => {
    const { surface, inbound } = setUp();
    await surface.start(inbound, []);
    await surface.put(card({ title: 'exit' }), null).catch(() => {});
    await eventually(() => inbound.state() === 'down');

    const failed = await surface.put(card({ key: 'other' }), null).catch((error: unknown) => error);

    expect(readFault(failed)).toEqual({
      kind: 'unreachable',
      reason: 'The slack thread ended with code 0.',
      retryAfterSeconds: null,
    });
  });

  it('gives up on refused credentials and tries again only when stopped and started', async () => {
    const { surface, inbound, log } = setUp({ refuse: 'Slack refuses the token: invalid_auth.' });

    await surface.start(inbound, []);
    await eventually(() => inbound.state() === 'down');
    await new Promise((resolve) => setTimeout(resolve, 500));

    expect(inbound.told.at(-1)?.reason).toBe('Slack refuses the token: invalid_auth.');
    expect(log.lines.filter(({ message }) => message === 'surface thread died')).toEqual([]);
    await surface.stop();
    await surface.start(inbound, []);
    await eventually(() => inbound.told.filter(({ state }) => state === 'down').length === 2);
  });

  it('rejects after its deadline when the SDK never answers, and the thread lives on', async () => {
    const { surface, inbound } = setUp();
    await surface.start(inbound, []);

    await expect(surface.put(card({ title: 'never answer' }), null)).rejects.toMatchObject({
      code: 'DEADLINE',
    });

    await expect(surface.put(card({ key: 'next' }), null)).resolves.toMatchObject({ channel: 'C1' });
  });

  it('makes no second message when the first answer came too late', async () => {
    const { surface, inbound } = setUp();
    await surface.start(inbound, []);

    await surface.put(card({ title: 'answer late' }), null).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 400));
    const again = await surface.put(card({ version: 2, page: true }), null);

    expect(again.message).toMatch(/^inc-7f3a\.false\./);
  });

  it('passes the platform’s wish to wait on to the outbox', async () => {
    const { surface, inbound } = setUp();
    await surface.start(inbound, []);

    const failed = await surface.put(card({ title: 'wait' }), null).catch((error: unknown) => error);

    expect(readFault(failed)).toEqual({
      kind: 'rate_limited',
      reason: 'Slack asked to wait.',
      retryAfterSeconds: 7,
    });
  });

  it('calls people once for a card, and again only after it had stopped calling', async () => {
    const { surface, inbound, log } = setUp();
    await surface.start(inbound, []);

    const pages = [true, true, false, true];
    for (const [at, page] of pages.entries()) await surface.put(card({ version: at + 1, page }), null);

    await eventually(() => log.lines.filter(({ message }) => message === 'put').length === pages.length);
    const calls = log.lines.filter(({ message }) => message === 'put').map(({ fields }) => fields);
    expect(calls).toMatchObject([{ call: true }, { call: false }, { call: false }, { call: true }]);
  });

  it('ignores a card that is older than what is shown', async () => {
    const { surface, inbound } = setUp();
    await surface.start(inbound, []);
    const shown = await surface.put(card({ version: 5 }), null);

    const older = await surface.put(card({ version: 4, title: 'throw later' }), null);

    expect(older).toEqual(shown);
  });

  it('writes a thread line once, however often it is asked to', async () => {
    const { surface, inbound, log } = setUp();
    await surface.start(inbound, []);
    const line = { id: 'inc-7f3a/3', at: START, tone: 'note', text: 'x' } as const;
    const placed = await surface.put(card(), null);

    await surface.append(placed, line);
    await surface.append(placed, line);

    expect(log.lines.filter(({ message }) => message === 'appended')).toHaveLength(1);
  });

  it('hands a command that is delivered twice to the core once, and answers both', async () => {
    const { surface, inbound, log } = setUp();
    await surface.start(inbound, []);

    await surface.put(card({ title: 'command', key: 'a' }), null);
    await surface.put(card({ title: 'command', key: 'b' }), null);

    await eventually(() => log.lines.filter(({ message }) => message === 'answered').length === 2);
    expect(inbound.commands).toHaveLength(1);
  });

  it('answers the person in plain words when the core throws', async () => {
    const { surface, inbound, log } = setUp();
    inbound.answer(new Error('boom'));
    await surface.start(inbound, []);

    await surface.put(card({ title: 'command' }), null);

    await eventually(() => log.lines.some(({ message }) => message === 'answered'));
    const answered = log.lines.find(({ message }) => message === 'answered');
    expect(answered?.fields).toMatchObject({ text: 'This did not work. The log of Nightshift says why.' });
  });

  it('logs what the SDK prints, keeps it off our own output, and shows it no environment', async () => {
    const { surface, inbound, logged } = setUp();
    await surface.start(inbound, []);

    await surface.put(card({ title: 'print' }), null);
    const echo = await surface.http({ body: 'x', headers: {} }, ms(500));

    await eventually(() => logged('surface thread printed'));
    expect(echo.body).toBe('echo x 0');
  });
});
