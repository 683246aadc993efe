import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { type SourceConfig, WebhookConfig } from '../../../../src/bot/webhook/config.ts';
import { createHookDesk, type HookDesk, type HookRequest } from '../../../../src/bot/webhook/inbound.ts';
import { minutes } from '../../../../src/domain/units.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';
import {
  createMemoryAudit,
  createMemoryHttp,
  createMemoryLogger,
  createMemoryStateStore,
  live,
} from '../../../support/memory-ports.ts';

const TOKEN = 'the-api-token-of-this-host';
const SOURCES = WebhookConfig.parse({
  sources: [
    { source: 'alertmanager' },
    { source: 'github', deploys: [{ environment: 'production', target: 'shop', holdMinutes: 20 }] },
    { source: 'generic' },
    { source: 'sns' },
  ],
}).sources;

interface World {
  readonly clock: FakeClock;
  readonly desk: HookDesk;
  readonly deploys: string[];
  post(
    source: string,
    body: unknown,
    over?: Partial<HookRequest>,
  ): Promise<{ status: number; body: unknown }>;
}

async function world(
  states = createMemoryStateStore(),
  sources: readonly SourceConfig[] = SOURCES,
): Promise<World> {
  const clock = createFakeClock();
  const deploys: string[] = [];
  const desk = createHookDesk({
    config: live({ webhooks: { sources, sinks: [] }, pings: [] }),
    clock,
    log: createMemoryLogger(),
    audit: createMemoryAudit(),
    states,
    http: createMemoryHttp(),
    apiToken: TOKEN,
    readSecret: () => null,
    targets: () => ['shop'],
    onDeploy: (text) => deploys.push(text),
  });
  await desk.start();
  return {
    clock,
    desk,
    deploys,
    post: (source, body, over = {}) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return desk.receive({
        source,
        token: tokenOf(desk, source),
        headers: {},
        body: Buffer.from(text),
        dryRun: false,
        ...over,
      });
    },
  };
}

const tokenOf = (desk: HookDesk, source: string): string =>
  desk
    .addresses()
    .find((entry) => entry.source === source)
    ?.path.split('/')[3] ?? '';

function alertmanager(status: 'firing' | 'resolved'): object {
  const alert = {
    status,
    labels: { alertname: 'Down', service: 'shop' },
    fingerprint: 'f',
    startsAt: '2026-11-22T01:59:00Z',
  };
  return { alerts: [alert] };
}

describe('createHookDesk', () => {
  let here: World;
  beforeEach(async () => {
    here = await world();
  });

  it('takes what fires, knows a repeat, and ends it when the sender does', async () => {
    expect(await here.post('alertmanager', alertmanager('firing'))).toMatchObject({
      status: 202,
      body: { accepted: 1, duplicates: 0 },
    });
    expect(await here.post('alertmanager', alertmanager('firing'))).toMatchObject({
      body: { duplicates: 1 },
    });
    expect(here.desk.alerts()).toMatchObject([{ state: 'firing', target: 'shop' }]);
    await here.post('alertmanager', alertmanager('resolved'));
    expect(here.desk.alerts()).toMatchObject([{ state: 'resolved' }]);
  });

  it('still knows all of it after a restart', async () => {
    const states = createMemoryStateStore();
    await (await world(states)).post('alertmanager', alertmanager('firing'));
    const next = await world(states);
    expect(next.desk.alerts()).toMatchObject([{ state: 'firing', target: 'shop' }]);
    expect(await next.post('alertmanager', alertmanager('firing'))).toMatchObject({
      body: { duplicates: 1 },
    });
  });

  it('keeps nothing of a dry run, and says what it would mean', async () => {
    const told = await here.post('alertmanager', alertmanager('firing'), { dryRun: true });
    expect(told).toMatchObject({
      status: 202,
      body: { dryRun: true, would: { alerts: [{ target: 'shop' }] } },
    });
    expect(here.desk.alerts()).toEqual([]);
  });

  it('knows no address but the exact one', async () => {
    for (const [source, token] of [
      ['alertmanager', 'x'],
      ['grafana', tokenOf(here.desk, 'alertmanager')],
    ] as const) {
      expect(await here.post(source, alertmanager('firing'), { token })).toMatchObject({ status: 404 });
    }
  });

  it('refuses a generic message without, with a wrong, with an old or with a replayed signature', async () => {
    const body = JSON.stringify({ name: 'nas' });
    const secret = tokenOf(here.desk, 'generic');
    const signed = (stamp: number, text = body): Record<string, string> => ({
      'x-nightshift-timestamp': String(stamp),
      'x-nightshift-signature': `v1=${createHmac('sha256', secret).update(`${stamp}.${text}`).digest('hex')}`,
    });
    const now = Math.floor(here.clock.now() / 1_000);
    const answers = [{}, signed(now, 'other'), signed(now - 301), signed(now + 301)];
    for (const headers of answers) {
      expect(await here.post('generic', body, { headers })).toMatchObject({ status: 401 });
    }
    expect(here.desk.alerts()).toEqual([]);
    const good = signed(now);
    expect(await here.post('generic', body, { headers: good })).toMatchObject({ body: { accepted: 1 } });
    expect(await here.post('generic', body, { headers: good })).toMatchObject({
      body: { accepted: 0, duplicates: 1 },
    });
  });

  it('holds healing back while a deploy runs, until it ends or its time is over', async () => {
    const github = async (event: string, state?: string, id = 'g1'): Promise<unknown> => {
      const body = JSON.stringify({
        deployment: { id: 1, environment: 'production', ref: 'main' },
        repository: { full_name: 'acme/shop' },
        ...(state !== undefined && { deployment_status: { state } }),
      });
      const hmac = createHmac('sha256', tokenOf(here.desk, 'github')).update(body).digest('hex');
      const headers = {
        'x-github-event': event,
        'x-github-delivery': id,
        'x-hub-signature-256': `sha256=${hmac}`,
      };
      return here.post('github', body, { headers });
    };
    await github('deployment');
    expect(here.desk.deploys()).toMatchObject([{ target: 'shop' }]);
    await github('deployment_status', 'success', 'g2');
    expect(here.desk.deploys()).toEqual([]);
    await github('deployment', undefined, 'g3');
    await here.clock.advance(minutes(21));
    expect(here.desk.deploys()).toEqual([]);
    expect(here.deploys).toHaveLength(3);
  });

  it('answers every kind of bad body with 400 and keeps nothing', async () => {
    const bad = [
      '',
      'no json',
      '[1,',
      '{"__proto__": {"x": 1}, "alerts": []}',
      '['.repeat(40) + ']'.repeat(40),
      '7',
      'null',
    ];
    for (const body of bad) expect(await here.post('alertmanager', body)).toMatchObject({ status: 400 });
    expect(here.desk.alerts()).toEqual([]);
  });

  it('visits no address but one of Amazon for SNS', async () => {
    const body = {
      Type: 'SubscriptionConfirmation',
      SigningCertURL: 'https://sns.evil.example/c.pem',
      SignatureVersion: '1',
      Signature: 'x',
    };
    expect(await here.post('sns', body)).toMatchObject({ status: 401 });
  });
});
