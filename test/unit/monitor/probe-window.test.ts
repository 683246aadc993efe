import { describe, expect, it } from 'vitest';
import type { HttpResult } from '../../../src/domain/ports.ts';
import { ms, seconds } from '../../../src/domain/units.ts';
import type { ProbeConfig } from '../../../src/monitor/config.ts';
import {
  judgeAnswer,
  type ProbeAnswer,
  recentAnswers,
  successRate,
} from '../../../src/monitor/probe-window.ts';

const probe: ProbeConfig = {
  name: 'api',
  url: 'http://127.0.0.1:1/',
  method: 'GET',
  interval: seconds(5),
  timeLimit: ms(3_000),
  expectStatus: null,
  expectBody: null,
  target: null,
};

const answered = (status: number, body = ''): HttpResult => ({
  kind: 'answered',
  status,
  body,
  took: ms(120),
});
const failed = (reason: string): HttpResult => ({ kind: 'failed', reason, took: ms(1) });

function answers(kinds: readonly ProbeAnswer['kind'][], step = 5_000): readonly ProbeAnswer[] {
  return kinds.map((kind, index) => ({
    at: ms(index * step),
    kind,
    answered: kind === 'unknown' ? null : true,
    latency: null,
    reason: '',
  }));
}

describe('judgeAnswer', () => {
  it('takes any status from 200 to 399 for right, and measures how long it took', () => {
    expect(judgeAnswer(answered(204), probe, ms(0))).toMatchObject({
      kind: 'ok',
      answered: true,
      latency: 120,
    });
  });

  it('takes a wrong status for a failure of a service that is up', () => {
    expect(judgeAnswer(answered(503), probe, ms(0))).toMatchObject({
      kind: 'failed',
      answered: true,
      reason: 'answered with status 503',
    });
  });

  it('expects what it is told to expect', () => {
    const strict = { ...probe, expectStatus: 401, expectBody: 'sign in' };

    expect(judgeAnswer(answered(401, 'please sign in'), strict, ms(0)).kind).toBe('ok');
    expect(judgeAnswer(answered(200, 'please sign in'), strict, ms(0)).kind).toBe('failed');
    expect(judgeAnswer(answered(401, 'no'), strict, ms(0)).reason).toBe('answered without the expected text');
  });

  it('takes a refusal and a timeout for a service that does not answer', () => {
    const late: HttpResult = { kind: 'timed_out', took: ms(3_001) };

    expect(judgeAnswer(failed('connect ECONNREFUSED 127.0.0.1:1'), probe, ms(0))).toMatchObject({
      kind: 'failed',
      answered: false,
    });
    expect(judgeAnswer(late, probe, ms(0))).toMatchObject({ kind: 'failed', answered: false });
  });

  it('takes a question that could not be asked for unknown, never for a failure', () => {
    for (const reason of [
      'the name server does not answer (api, EBUSY)',
      'getaddrinfo EAI_AGAIN api',
      'getaddrinfo ENOTFOUND api',
      'connect ENETUNREACH',
      'EMFILE',
    ]) {
      expect(judgeAnswer(failed(reason), probe, ms(0))).toMatchObject({ kind: 'unknown', answered: null });
    }
  });

  it('takes a timeout that is minutes late for its own, after the process was stopped', () => {
    expect(judgeAnswer({ kind: 'timed_out', took: ms(600_000) }, probe, ms(0)).kind).toBe('unknown');
  });
});

describe('successRate', () => {
  it('is the share of right answers, leaving unknown ones out', () => {
    expect(successRate(answers(['ok', 'failed', 'unknown', 'ok', 'ok', 'failed', 'ok', 'ok', 'ok']))).toBe(
      0.75,
    );
  });

  it('is unknown with fewer than three known answers, and with fewer than six where one of them failed', () => {
    expect(successRate(answers(['ok', 'ok', 'unknown']))).toBeNull();
    expect(successRate(answers(['ok', 'ok', 'ok']))).toBe(1);
    expect(successRate(answers(['failed', 'ok', 'ok', 'ok', 'ok']))).toBeNull();
    expect(successRate(answers(['failed', 'failed', 'failed', 'failed', 'failed', 'failed']))).toBe(0);
  });
});

describe('recentAnswers', () => {
  it('keeps the last minute of a quick probe and six answers of a slow one', () => {
    expect(recentAnswers(answers(Array(40).fill('ok')), ms(195_000))).toHaveLength(12);
    expect(recentAnswers(answers(Array(40).fill('ok'), 60_000), ms(39 * 60_000))).toHaveLength(6);
  });

  it('so one failed answer alone never brings the rate under 80 %', () => {
    const slow = recentAnswers(answers(['ok', 'ok', 'ok', 'ok', 'ok', 'failed'], 60_000), ms(300_000));

    expect(successRate(slow)).toBeGreaterThan(0.8);
  });
});
