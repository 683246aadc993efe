import { describe, expect, it } from 'vitest';
import type { HookReading } from '../../../../src/bot/webhook/message.ts';
import { READERS, type SourceId } from '../../../../src/bot/webhook/sources/index.ts';
import {
  alertmanagerExample,
  grafanaExample,
  type HookExample,
  healthchecksExample,
  snsExample,
  uptimeKumaExample,
} from '../../../support/hook-examples.ts';
import { githubDeployExample, githubRunExample } from '../../../support/hook-examples-github.ts';

function read(source: SourceId, body: unknown, headers: Readonly<Record<string, string>> = {}): HookReading {
  return READERS[source]({ body, headers, digest: 'd1' });
}

function alerts(reading: HookReading): readonly object[] {
  if (reading.kind !== 'read') throw new Error(`read as ${JSON.stringify(reading)}`);
  return reading.alerts;
}

const firing = {
  status: 'firing',
  labels: { alertname: 'InstanceDown', instance: 'web-2:9100', severity: 'page' },
  annotations: { summary: 'web-2 is down' },
  startsAt: '2026-11-22T02:00:00.000Z',
  endsAt: '0001-01-01T00:00:00Z',
  fingerprint: '2d1d4c5fd1a5e2a1',
};

describe('alertmanager and grafana', () => {
  it('reads what fires, with severity and start', () => {
    for (const source of ['alertmanager', 'grafana'] as const) {
      expect(alerts(read(source, { version: '4', alerts: [firing] }))).toEqual([
        expect.objectContaining({
          fingerprint: '2d1d4c5fd1a5e2a1',
          name: 'InstanceDown',
          state: 'firing',
          severity: 'critical',
          text: 'InstanceDown: web-2 is down',
          startedAt: Date.parse('2026-11-22T02:00:00.000Z'),
        }),
      ]);
    }
  });

  it('gives a repeat the same id and the end another one', () => {
    const ended = { ...firing, status: 'resolved', endsAt: '2026-11-22T02:05:00Z' };
    const ids = [firing, firing, ended].map((alert) => alerts(read('alertmanager', { alerts: [alert] }))[0]);
    expect(ids[0]).toEqual(ids[1]);
    expect(ids[2]).toMatchObject({ state: 'resolved', fingerprint: firing.fingerprint });
    expect(ids[2]).not.toHaveProperty('eventId', (ids[0] as { eventId: string }).eventId);
  });

  it('says what is wrong with a body of another kind, by its path', () => {
    expect(read('alertmanager', { alerts: [{ status: 'burning' }] })).toMatchObject({
      kind: 'bad',
      reason: expect.stringContaining('alerts.0.status'),
    });
  });
});

describe('uptime-kuma', () => {
  const monitor = { id: 7, name: 'Shop', type: 'http', url: 'https://shop.example' };

  it('reads down and up of one monitor as one trouble', () => {
    const down = read('uptime-kuma', {
      heartbeat: { status: 0, time: 't1', msg: 'timeout' },
      monitor,
      msg: '',
    });
    const up = read('uptime-kuma', {
      heartbeat: { status: 1, time: 't2', msg: '200 - OK' },
      monitor,
      msg: '',
    });
    expect(alerts(down)).toEqual([
      expect.objectContaining({ fingerprint: '7', state: 'firing', text: 'Shop: timeout' }),
    ]);
    expect(alerts(up)).toEqual([expect.objectContaining({ fingerprint: '7', state: 'resolved' })]);
  });

  it('takes pending, maintenance and its test button as no news', () => {
    expect(alerts(read('uptime-kuma', { heartbeat: { status: 2 }, monitor, msg: 'x' }))).toEqual([]);
    expect(alerts(read('uptime-kuma', { heartbeat: null, monitor: null, msg: 'Testing' }))).toEqual([]);
  });
});

describe('healthchecks', () => {
  it('reads the documented template', () => {
    const body = { code: 'c-1', name: 'backup', status: 'down', tags: 'db', now: '2026-11-22T02:00:00Z' };
    expect(alerts(read('healthchecks', body))).toEqual([
      expect.objectContaining({ fingerprint: 'c-1', state: 'firing', text: 'backup did not report in time' }),
    ]);
  });
});

describe('github', () => {
  const repository = { full_name: 'acme/shop', default_branch: 'main' };
  const deployment = { id: 42, environment: 'production', ref: 'v1.4.0', sha: 'abc' };
  const as = (event: string): Record<string, string> => ({
    'x-github-event': event,
    'x-github-delivery': 'g1',
  });

  it('follows a deployment from start to end under one id', () => {
    const begun = read('github', { deployment, repository }, as('deployment'));
    const done = read(
      'github',
      { deployment_status: { state: 'success' }, deployment, repository },
      as('deployment_status'),
    );
    expect(begun).toMatchObject({ deploys: [{ id: 'acme/shop#42', state: 'started' }] });
    expect(done).toMatchObject({ deploys: [{ id: 'acme/shop#42', state: 'succeeded' }] });
  });

  it('takes a failed run as trouble on the default branch alone', () => {
    const run = { id: 1, workflow_id: 5, name: 'CI', conclusion: 'failure', head_branch: 'main' };
    const on = (branch: string): HookReading =>
      read(
        'github',
        { action: 'completed', workflow_run: { ...run, head_branch: branch }, repository },
        as('workflow_run'),
      );
    expect(alerts(on('main'))).toEqual([expect.objectContaining({ state: 'firing' })]);
    expect(alerts(on('feature'))).toEqual([]);
  });

  it('takes a ping as no news, and a request without the event header as a fault', () => {
    expect(read('github', { zen: 'x' }, as('ping'))).toEqual({ kind: 'read', alerts: [], deploys: [] });
    expect(read('github', {})).toMatchObject({ kind: 'bad' });
  });
});

describe('sns', () => {
  const envelope = { Type: 'Notification', MessageId: 'm-1', TopicArn: 'arn:aws:sns:eu-1:1:t' };
  const alarm = (state: string): HookReading =>
    read('sns', {
      ...envelope,
      Message: JSON.stringify({ AlarmName: 'cpu', NewStateValue: state, NewStateReason: 'too high' }),
    });

  it('reads a CloudWatch alarm, and insufficient data as no news', () => {
    expect(alerts(alarm('ALARM'))).toEqual([
      expect.objectContaining({ state: 'firing', text: 'cpu: too high', eventId: 'm-1' }),
    ]);
    expect(alerts(alarm('OK'))).toEqual([expect.objectContaining({ state: 'resolved' })]);
    expect(alerts(alarm('INSUFFICIENT_DATA'))).toEqual([]);
  });

  it('reads plain words as an alert with the subject as its name', () => {
    expect(alerts(read('sns', { ...envelope, Subject: 'Disk', Message: 'nearly full' }))).toEqual([
      expect.objectContaining({ name: 'Disk', text: 'Disk: nearly full' }),
    ]);
  });

  it('hands on the address that confirms a subscription', () => {
    const ask = { ...envelope, Type: 'SubscriptionConfirmation', Message: 'x', SubscribeURL: 'https://a/' };
    expect(read('sns', ask)).toEqual({ kind: 'confirm', url: 'https://a/' });
  });
});

describe('generic', () => {
  it('fills in what is not said, and refuses what it does not know', () => {
    expect(alerts(read('generic', { name: 'nas', target: 'nas-1' }))).toEqual([
      expect.objectContaining({
        fingerprint: 'nas',
        eventId: 'd1',
        severity: 'warning',
        state: 'firing',
        labels: { target: 'nas-1' },
      }),
    ]);
    expect(read('generic', { name: 'nas', serverity: 'critical' })).toMatchObject({ kind: 'bad' });
  });
});

describe('what each source really sends, with all its other fields', () => {
  const senders: Readonly<Record<string, (state: 'firing' | 'resolved') => HookExample>> = {
    alertmanager: alertmanagerExample,
    grafana: grafanaExample,
    'uptime-kuma': uptimeKumaExample,
    healthchecks: healthchecksExample,
    sns: snsExample,
    github: githubRunExample,
  };

  it.each(Object.keys(senders))('%s: firing and resolved are one trouble with two ids', (source) => {
    const [begun, ended] = (['firing', 'resolved'] as const).map((state) => {
      const example = senders[source]?.(state);
      return alerts(read(source as SourceId, example?.body, example?.headers))[0] as Record<string, unknown>;
    });
    expect(begun).toMatchObject({ state: 'firing', fingerprint: ended?.['fingerprint'] });
    expect(ended).toMatchObject({ state: 'resolved' });
    expect(begun?.['eventId']).not.toBe(ended?.['eventId']);
    expect(`${String(begun?.['text'])} ${String(begun?.['name'])}`).toMatch(/shop|order|nightly/i);
  });

  it('github: a deployment from its creation over its states to its end', () => {
    const states = (['created', 'in_progress', 'success', 'failure'] as const).map((state) => {
      const { body, headers } = githubDeployExample(state);
      return read('github', body, headers);
    });
    expect(states.map((one) => (one.kind === 'read' ? one.deploys[0]?.state : one.kind))).toEqual([
      'started',
      'started',
      'succeeded',
      'failed',
    ]);
  });

  it('github: a run without a name has that of its workflow; the main branch of a fork is not ours', () => {
    const unnamed = githubRunExample('firing', { name: '' });
    expect(alerts(read('github', unnamed.body, unnamed.headers))).toEqual([
      expect.objectContaining({ name: 'nightly' }),
    ]);
    const fork = githubRunExample('firing', { headRepository: 'stranger/shop' });
    expect(alerts(read('github', fork.body, fork.headers))).toEqual([]);
  });
});

describe('a body of another kind, at every source', () => {
  const wrong: readonly unknown[] = [
    null,
    7,
    'text',
    [],
    [[]],
    { alerts: { 0: 1 }, heartbeat: 'x', monitor: 5, code: [], Type: {}, deployment: 4, name: {} },
    { constructor: { prototype: { admin: true } }, alerts: 7, code: 7, name: 7, Type: 'Other' },
    JSON.parse(
      '{"alerts": [{"status": "firing", "labels": {"a": {"b": 1}}}], "name": "", "state": "burning"}',
    ),
  ];

  it.each(Object.keys(READERS))('%s says what is wrong, and reads nothing', (source) => {
    for (const body of wrong) {
      const answer = read(source as SourceId, body, { 'x-github-event': 'deployment' });
      expect(answer).toEqual({ kind: 'bad', reason: expect.stringMatching(/.+/) });
    }
    expect(({} as Readonly<Record<string, unknown>>)['admin']).toBeUndefined();
  });
});
