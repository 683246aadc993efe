import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createFaults } from '../../../src/app/patient-faults.ts';
import { createPatientServer } from '../../../src/app/patient-server.ts';
import { seconds } from '../../../src/domain/units.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A patient on a free port; `draw` decides which answers of `errors` fail. */
async function patient(draw = 0) {
  const clock = createFakeClock();
  const faults = createFaults([], { clock, exit: () => {}, save: () => {} });
  let orders = 0;
  const work = () => {
    orders += 1;
    return { order: orders };
  };
  const server = createPatientServer({ clock, faults, name: 'demo-shop', random: () => draw, work });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${base}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { base, clock, faults, call };
}

describe('createPatientServer', () => {
  it('works and is healthy', async () => {
    const { call } = await patient();

    expect(await call('GET', '/health')).toEqual({
      status: 200,
      body: { ok: true, patient: 'demo-shop', faults: [] },
    });
    expect((await call('GET', '/work')).body).toMatchObject({ order: 1 });
  });

  it('answers nothing at all while it hangs, not even to be mended', async () => {
    const { base, call } = await patient();
    await call('POST', '/fault', { kind: 'hang' });

    const tries = ['/health', '/work', '/fault'].map((path) =>
      fetch(base + path, { method: path === '/fault' ? 'DELETE' : 'GET', signal: AbortSignal.timeout(150) }),
    );

    expect((await Promise.allSettled(tries)).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
  });

  it('fails until its fallback is used, and not again when the fallback is taken back', async () => {
    const { call } = await patient();
    await call('POST', '/fault', { kind: 'errors' });

    const broken = await call('GET', '/work');
    await call('POST', '/control/fallback');
    const helped = await call('GET', '/work');
    await call('DELETE', '/control/fallback');

    expect([broken.status, helped.status, (await call('GET', '/work')).status]).toEqual([500, 200, 200]);
  });

  it('takes two seconds to answer while it is slow, until its cache is on', async () => {
    const { call, clock, faults } = await patient();
    await call('POST', '/fault', { kind: 'slow' });
    let answered = false;

    const slow = call('GET', '/work').then(() => {
      answered = true;
    });
    await call('GET', '/health');
    const before = answered;
    while (!answered) await clock.advance(seconds(1));
    await slow;
    await call('POST', '/control/cache/enable');

    expect(before).toBe(false);
    expect(faults.active()).toEqual([]);
  });

  it('turns away what exceeds its rate limit, until that is taken back', async () => {
    const { call } = await patient();
    await call('POST', '/control/rate-limit', { perSecond: 2 });

    const statuses = [await call('GET', '/work'), await call('GET', '/work'), await call('GET', '/work')];
    await call('DELETE', '/control/rate-limit');

    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect((await call('GET', '/work')).status).toBe(200);
  });

  it('refuses an unknown fault, a page in a browser and a huge body', async () => {
    const { base, call, faults } = await patient();

    const unknown = await call('POST', '/fault', { kind: 'earthquake' });
    const page = await fetch(`${base}/fault`, { method: 'POST', body: '{"kind":"hang"}' });
    const huge = await call('POST', '/control/fallback', 'x'.repeat(20_000));

    expect([unknown.status, page.status, huge.status]).toEqual([400, 415, 413]);
    expect(faults.active()).toEqual([]);
  });
});
