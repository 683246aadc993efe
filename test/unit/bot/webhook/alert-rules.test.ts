import { describe, expect, it } from 'vitest';
import { fits, interpret } from '../../../../src/bot/webhook/alert-rules.ts';
import type { AlertRule } from '../../../../src/bot/webhook/config.ts';
import type { HookAlert } from '../../../../src/bot/webhook/message.ts';
import { START } from '../../../support/builders.ts';

const alert: HookAlert = {
  fingerprint: 'f1',
  eventId: 'e1',
  name: 'HighErrors',
  state: 'firing',
  severity: 'critical',
  labels: { service: 'billing-api', env: 'prod' },
  text: 'HighErrors: 5 % fail',
  startedAt: null,
};
const rule = (over: Partial<AlertRule>): AlertRule => ({
  match: {},
  kind: 'outside_alert',
  ignore: false,
  ...over,
});
const context = { source: 'alertmanager', targets: ['billing-api', 'cache'], now: START };

describe('interpret', () => {
  it('finds the target by the label that names one', () => {
    expect(interpret(alert, { ...context, rules: [] })).toMatchObject({
      target: 'billing-api',
      severity: 'critical',
      kind: 'outside_alert',
      text: 'HighErrors: 5 % fail.',
    });
  });

  it('keeps an alert about nothing known under its own name, so that two of them stay two', () => {
    const other = { ...alert, labels: {} };
    expect(interpret(other, { ...context, rules: [] })).toMatchObject({ target: 'HighErrors' });
  });

  it('lets the first rule that matches decide', () => {
    const rules = [
      rule({ match: { alertname: 'Low*' }, ignore: true }),
      rule({
        match: { alertname: 'High*', env: 'prod' },
        target: 'cache',
        kind: 'high_latency',
        severity: 'warning',
      }),
      rule({ ignore: true }),
    ];
    expect(interpret(alert, { ...context, rules })).toMatchObject({
      target: 'cache',
      kind: 'high_latency',
      severity: 'warning',
    });
    expect(interpret({ ...alert, name: 'Other' }, { ...context, rules })).toBeNull();
  });

  it('makes text from outside inert and short', () => {
    const told = interpret(
      { ...alert, text: `a\u202eb\u001b[31m${'x'.repeat(2_000)}` },
      { ...context, rules: [] },
    );
    expect(told?.text).toMatch(/^abx+…$/);
    expect(told?.text.length).toBeLessThanOrEqual(301);
  });
});

describe('fits', () => {
  it.each([
    ['web-2', 'web-*', true],
    ['web-2', '*', true],
    ['web-2', 'web-2', true],
    ['web-2', 'web', false],
    ['aXbXc', 'a*b*c', true],
    ['ac', 'a*b*c', false],
    ['ab', 'ab*ab', false],
    ['abab', 'ab*ab', true],
  ])('%s against %s is %s', (text, pattern, expected) => {
    expect(fits(text, pattern)).toBe(expected);
  });

  it('is quick with many stars', () => {
    const begun = process.hrtime.bigint();
    expect(fits('a'.repeat(10_000), `${'a*'.repeat(100)}b`)).toBe(false);
    expect(Number(process.hrtime.bigint() - begun) / 1e6).toBeLessThan(200);
  });
});
