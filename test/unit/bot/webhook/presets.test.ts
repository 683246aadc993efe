import { describe, expect, it } from 'vitest';
import { type SinkConfig, WebhookConfig } from '../../../../src/bot/webhook/config.ts';
import type { OutboundMessage } from '../../../../src/bot/webhook/outbound-message.ts';
import { dress } from '../../../../src/bot/webhook/presets.ts';
import { checkOwnSignature } from '../../../../src/bot/webhook/signature.ts';
import { hours, after as plus, toIso } from '../../../../src/domain/units.ts';
import { START } from '../../../support/builders.ts';

const incident = {
  id: 'inc-7f3a',
  title: 'billing-api is slow',
  state: 'escalated',
  word: 'Paged',
  severity: 'critical',
  target: 'billing-api',
  summary: 'Latency is 2,340 ms <!channel> @everyone.',
  since: toIso(START),
} as const;
const opened: OutboundMessage = {
  id: 'e1',
  type: 'incident.updated',
  at: toIso(START),
  host: 'web-1',
  key: incident.id,
  severity: 'critical',
  text: `${incident.title} (Paged). ${incident.summary}`,
  incident,
  data: { incident },
};

function sent(
  preset: SinkConfig['preset'],
  message: OutboundMessage = opened,
  secret: string | null = 's3cret',
) {
  const sink = WebhookConfig.parse({ sinks: [{ name: 'x', preset, account: 'a', from: 'N', to: ['+49'] }] })
    .sinks[0];
  if (sink === undefined) throw new Error('no sink');
  return dress(message, { sink, url: 'https://hooks.example/topic', secret, now: START, recipient: '+49' });
}
const bodyOf = (...of: Parameters<typeof sent>): Record<string, unknown> =>
  JSON.parse(sent(...of)?.body ?? 'null');

describe('dress', () => {
  it('signs our own form so that a receiver can prove it', () => {
    const dressed = sent('signed');
    if (dressed === null) throw new Error('nothing');
    const check = (body: string): string =>
      checkOwnSignature(Buffer.from(body), dressed.headers, 's3cret', START).kind;
    expect(check(dressed.body)).toBe('genuine');
    expect(check(`${dressed.body} `)).toBe('forged');
    expect(JSON.parse(dressed.body)).toMatchObject({ id: 'e1', type: 'incident.updated', host: 'web-1' });
  });

  it('mentions nobody in Slack and Discord', () => {
    expect(bodyOf('slack')['text']).toContain('&lt;!channel&gt;');
    const discord = bodyOf('discord');
    expect(discord).toMatchObject({ allowed_mentions: { parse: [] } });
    expect(String(discord['content'])).toContain('\\<!channel>');
    expect(String(discord['content'])).not.toContain('@everyone');
  });

  it('publishes to the topic of ntfy at its server, urgent when critical', () => {
    expect(sent('ntfy')?.url).toBe('https://hooks.example');
    expect(bodyOf('ntfy')).toMatchObject({ topic: 'topic', priority: 5, title: incident.title });
  });

  it('triggers and resolves one PagerDuty alert for an incident', () => {
    const key = 'web-1/inc-7f3a';
    expect(bodyOf('pagerduty')).toMatchObject({
      routing_key: 's3cret',
      event_action: 'trigger',
      dedup_key: key,
    });
    const over = {
      ...opened,
      type: 'incident.resolved',
      incident: { ...incident, state: 'resolved' },
    } as const;
    expect(bodyOf('pagerduty', over)).toMatchObject({ event_action: 'resolve', dedup_key: key });
  });

  it('keeps an alert of Alertmanager alive until it is over', () => {
    expect(sent('alertmanager')?.url).toBe('https://hooks.example/topic/api/v2/alerts');
    const [alert] = bodyOf('alertmanager') as unknown as readonly Record<string, unknown>[];
    expect(alert).toMatchObject({ startsAt: incident.since, endsAt: toIso(plus(START, hours(24))) });
  });

  it('sends text messages only when a person is called', () => {
    expect(sent('sms', { ...opened, incident: { ...incident, state: 'healing' } })).toBeNull();
    const form = new URLSearchParams(sent('sms')?.body);
    expect(Object.fromEntries(form)).toMatchObject({ account: 'a', from: 'N', to: '+49' });
    expect(form.get('text')?.length).toBeLessThanOrEqual(306);
  });
});
